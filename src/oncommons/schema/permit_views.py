"""A permit as others read it: visas of GA4GH, a policy of ODRL, a Five Safes RO-Crate; each a function of the permit.

=============== ====================================================== =============================================
view            standard                                               what carries what
=============== ====================================================== =============================================
visas           GA4GH Passport 1.2, Visa Object, ControlledAccessGrants one a dataset: ``value`` is its address
policy          W3C ODRL Information Model 2.2 (2018), in JSON-LD      permission with constraints, target, assignee
crate           RO-Crate 1.1, Five Safes RO-Crate profile 0.4          safe people, project, data, setting, output
=============== ====================================================== =============================================

None of them can be turned back into a permit, and none decides what may be asked.  The visas go inside the signed
permit, and a node that finds others there than it computes itself trusts none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from oncommons.schema.permit import Holding, Permit, written
from oncommons.schema.purposes import DUO, EHDS

GRANT = "ControlledAccessGrants"
ODRL = "http://www.w3.org/ns/odrl.jsonld"
OBO = "http://purl.obolibrary.org/obo/"
FIVE_SAFES = "https://w3id.org/5s-crate/0.4"
CRATE = "https://w3id.org/ro/crate/1.1"
EHDS_ELI = "http://data.europa.eu/eli/reg/2025/327/oj"
_CONTEXT: Mapping[str, str] = MappingProxyType({"oncommons": "urn:oncommons:"})


def address_of(permit: Permit, holding: Holding) -> str:
    """The address of a dataset: that of its page at the hub, or a name below the hub's where it has no address."""
    return _place_of(permit) + _named(holding)


def _place_of(permit: Permit) -> str:
    return f"{permit.address.rstrip('/')}/datasets/" if permit.address else f"{permit.hub}:datasets/"


def _named(holding: Holding) -> str:
    version = f"#version={holding.version}" if holding.version else ""
    return f"{holding.node}/{quote(holding.dataset, safe='')}{version}"  # names of nodes need no quoting


def visas_of(permit: Permit, asserted: int) -> list[dict[str, Any]]:
    """The visa objects (``ga4gh_visa_v1``) that say what a permit says of its datasets.

    Args:
        permit: The permit.
        asserted: When it was granted, in seconds since the epoch.
    """
    source, place = permit.address or permit.hub, _place_of(permit)
    return [
        {"type": GRANT, "asserted": asserted, "value": place + _named(h), "source": source, "by": "dac"}
        for h in permit.datasets
    ]


def odrl_of(permit: Permit) -> dict[str, Any]:
    """The permit as an ODRL agreement in JSON-LD, whose one permission has all conditions as constraints."""
    constraints: list[dict[str, Any]] = [
        _constraint("dateTime", "gteq", _time(permit.not_before)),
        _constraint("dateTime", "lt", _time(permit.not_after)),
        _constraint("purpose", "isAnyOf", [f"{EHDS_ELI}#{EHDS[code][0]}" for code in permit.ehds]),
        _constraint("oncommons:variable", "isPartOf", list(permit.variables)),
        _constraint("oncommons:analysis", "isPartOf", list(permit.analyses)),
        _constraint("oncommons:smallestNumber", "gteq", permit.output.least),
    ]
    if permit.duo:
        terms = [{"@id": _obo(term)} for term in permit.duo]
        constraints.append(_constraint("oncommons:dataUse", "isAllOf", terms))
    if permit.budget:
        constraints.append(_constraint("oncommons:cost", "lteq", permit.budget))
    permission: dict[str, Any] = {
        "target": [address_of(permit, h) for h in permit.datasets],
        "assigner": permit.hub,
        "assignee": [_person(permit, name) for name in permit.people],
        "action": "use",
        "constraint": constraints,
    }
    if permit.conditions:
        permission["duty"] = [{"action": "oncommons:keepTo", "oncommons:condition": list(permit.conditions)}]
    policy: dict[str, Any] = {
        "@context": [ODRL, dict(_CONTEXT)],
        "@type": "Agreement",
        "uid": _name(permit),
        "profile": "urn:oncommons:odrl",
        "permission": [permission],
    }
    if not permit.output.groups:
        target = permission["target"]
        policy["prohibition"] = [{"target": target, "assigner": permit.hub, "action": "oncommons:group"}]
    return policy


def crate_of(permit: Permit) -> dict[str, Any]:
    """The permit as the metadata of a Five Safes RO-Crate (the content of ``ro-crate-metadata.json``)."""
    people = [
        {"@id": _person(permit, name), "@type": "Person", "name": name, "memberOf": _ref("#project")}
        for name in permit.people
    ]
    data = [
        {
            "@id": address_of(permit, h),
            "@type": "Dataset",
            "name": f"{h.dataset} at {h.node}",
            **({"version": h.version} if h.version else {}),
            "variableMeasured": list(permit.variables),
        }
        for h in permit.datasets
    ]
    terms = [{"@id": _obo(term), "@type": "DefinedTerm", "termCode": term, "name": DUO[term]} for term in permit.duo]
    law = {"@id": EHDS_ELI, "@type": "CreativeWork", "name": "Regulation (EU) 2025/327"}
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": _ref(CRATE),
        "about": _ref("./"),
    }
    return {
        "@context": f"{CRATE}/context",
        "@graph": [descriptor, _root(permit), _project(permit), *people, *data, _approval(permit), law, *terms],
    }


def _root(permit: Permit) -> dict[str, Any]:
    terms = f" under {', '.join(permit.duo)}" if permit.duo else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": _name(permit),
        "name": permit.title or permit.project,
        "description": f"What the project {permit.project} may ask{terms}.",
        "license": _ref(EHDS_ELI),
        "datePublished": written(permit.not_before),
        "temporalCoverage": f"{written(permit.not_before)}/{written(permit.not_after)}",
        "conformsTo": _ref(FIVE_SAFES),
        "sourceOrganization": _ref("#project"),
        "mentions": [_ref("#approval"), *(_ref(address_of(permit, h)) for h in permit.datasets)],
    }


def _project(permit: Permit) -> dict[str, Any]:
    return {
        "@id": "#project",
        "@type": "Project",
        "identifier": permit.project,
        "name": permit.title or permit.project,
        "member": [_ref(_person(permit, name)) for name in permit.people],
        "keywords": [f"{EHDS[code][0]} {EHDS[code][1]}" for code in permit.ehds],
    }


def _approval(permit: Permit) -> dict[str, Any]:
    """Safe setting and safe output: the assessment that let the project in, and how answers leave."""
    told = f"no number below {permit.output.least}" if permit.output.least else "as the node's own rule has it"
    by_code = "counts by codes too" if permit.output.groups else "no counts by codes"
    return {
        "@id": "#approval",
        "@type": "AssessAction",
        "additionalType": _ref("https://w3id.org/shp#SignOff"),
        "name": "Approval by the hub",
        "agent": {"@id": permit.hub},
        "object": [_ref("./"), _ref("#project")],
        "instrument": _ref(EHDS_ELI),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "description": f"Analyses: {', '.join(permit.analyses)}, at the nodes. Answers: {told}, {by_code}.",
    }


def _constraint(left: str, operator: str, right: object) -> dict[str, Any]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _time(moment: int) -> dict[str, str]:
    return {"@value": written(moment), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}


def _name(permit: Permit) -> str:
    return f"{permit.hub}:permits/{permit.id}"


def _person(permit: Permit, name: str) -> str:
    return f"{permit.hub}:people/{quote(name, safe='')}"


def _obo(term: str) -> str:
    return OBO + term.replace(":", "_")


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}
