// A provider of OpenID Connect for tests: oidc-provider (panva, MIT, OpenID Certified) with people, clients and keys
// that a test names.  The folder that holds its node_modules is the first argument.  It listens on this machine, prints
// one line of JSON with its issuer, and then reads one JSON object a line, whose settings replace those it had, and
// prints a line for each.  It ends with its standard input.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const need = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { default: Provider } = await import(pathToFileURL(need.resolve('oidc-provider')));
const jose = await import(pathToFileURL(need.resolve('jose')));
console.info = () => {};
console.warn = () => {};

const settings = { algorithms: ['RS256'], clients: [], people: {}, scopes: {}, consent: 'asked', skew: 0, more: {} };
const real = Date.now;
Date.now = () => real() + settings.skew * 1000;

let made = 0;
let keys = [];
let provider;
let issuer;

async function rotate() {
  keys = await Promise.all(settings.algorithms.map(async (alg) => {
    const options = alg.startsWith('RS') || alg.startsWith('PS') ? { modulusLength: 2048 } : {};
    const { privateKey } = await jose.generateKeyPair(alg, { ...options, extractable: true });
    made += 1;
    return { ...(await jose.exportJWK(privateKey)), alg, use: 'sig', kid: `key-${made}` };
  }));
}

// Visas as a broker of GA4GH gives them (GA4GH AAI OIDC profile 1.2): each a JWT of the broker, with where its keys are.
async function passport(sub, visas) {
  const [key] = keys;
  const signer = await jose.importJWK(key, key.alg);
  const now = Math.floor(Date.now() / 1000);
  return Promise.all(visas.map(({ iss = issuer, ...visa }) => new jose.SignJWT({ ga4gh_visa_v1: visa, scope: 'openid' })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, jku: `${issuer}/jwks`, typ: 'vnd.ga4gh.visa+jwt' })
    .setIssuer(iss).setSubject(sub).setIssuedAt(now).setExpirationTime(now + 3600).setJti(`visa-${visa.type}`)
    .sign(signer)));
}

// Whoever signs in as ana.7 is the person ana under a name of their own.
function findAccount(_, id) {
  const known = settings.people[id.split('.')[0]];
  const { visas, ...said } = known ?? {};
  const claims = async () => ({
    sub: id, ...said, ...(visas ? { ga4gh_passport_v1: await passport(id, visas) } : {}),
  });
  return known ? { accountId: id, claims } : undefined;
}

function build() {
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: settings.clients,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], ...settings.scopes },
    findAccount,
    acrValues: ['urn:example:password', 'https://refeds.org/profile/mfa'],
    cookies: { keys: ['a key of a test'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'Ed25519', 'HS256'] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true, logoutSource } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ...settings.more,
  });
}

const page = (title, body) => `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;

const SIGN_IN = `<form method="post"><label>Name <input name="login"></label>
<label>Code <input name="code"></label> <button>Sign in</button></form>`;
const CONSENT = '<form method="post"><button name="ok" value="1">Allow</button> <button name="ok" value="0">Refuse</button></form>';

function logoutSource(ctx, form) {
  ctx.body = page('Sign out of the provider', `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
}

async function typed(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function answered(request, response, { prompt, params, session, grantId }) {
  const fields = await typed(request);
  if (fields.get('ok') === '0') return { error: 'access_denied', error_description: 'the person refused' };
  if (prompt.name === 'login') {
    const strong = fields.get('code') === '123456';
    return { login: { accountId: fields.get('login'), acr: strong ? 'https://refeds.org/profile/mfa' : 'urn:example:password', amr: strong ? ['pwd', 'otp'] : ['pwd'] } };
  }
  const { accountId } = session;
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
  return { consent: { grantId: await grant.save() } };
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const result = await answered(request, response, details);
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: details.prompt.name !== 'login' });
    return;
  }
  const shown = details.prompt.name === 'login' ? page('Sign in at the provider', SIGN_IN) : page('Allow the hub', CONSENT);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(shown);
}

const server = createServer((request, response) => {
  response.setHeader('date', new Date(Date.now()).toUTCString());
  const work = request.url.startsWith('/interaction/') ? interact(request, response) : provider.callback()(request, response);
  Promise.resolve(work).catch((fault) => response.writeHead(500).end(String(fault)));
});

server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  await rotate();
  build();
  console.log(JSON.stringify({ issuer }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { rotated, ...more } = JSON.parse(line);
    const others = more.algorithms && String(more.algorithms) !== String(settings.algorithms);
    Object.assign(settings, more);
    if (rotated || others) await rotate();
    build();
    console.log(JSON.stringify({ keys: keys.map(({ kid }) => kid) }));
  }
  process.exit(0);
});
