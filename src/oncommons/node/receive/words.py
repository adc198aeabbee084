"""What descriptions of series and studies say: each notion with the spellings that tell it, in several languages.

A spelling is a regular expression (RE2) over a text in small letters, without accents, with spaces for underscores.
The spellings are our own collection: English, German, French, Spanish, Italian, Portuguese, Dutch and Polish words of
radiology, and the names that makers give to their sequences; sequence names as in the makers' protocols, for instance
VIBE and dynaVIEWS (Siemens), VIBRANT, LAVA and TRICKS (GE), THRIVE (Philips).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anything": (r"[a-z0-9]",),
        "localizer": (
            r"\b(locs?|loca?li[sz](er|ador|adora|atore|ateur)?s?|locator|lokali\w+)\b",
            r"\b(scouts?|sca(no|nogram\w*|no-?view)|survi?ew|surv(ey)?|rep[e]rage|u?e?bersicht\w*|pilot)\b",
            r"topo(gram\w*|s)?\b|\bt(r)?20[sf]?\b",
            r"\b(calibration|asset cal|coil ?sens\w*|smart ?prep|(pre)?monitoring|premonit\w*|kalibr\w+)\b",
            r"\b(bolus ?(track\w*|timing)|test ?bolus|timing bolus|(three|3)[- ]?(pl|plane)\b)",
        ),
        "nlst_localizer": (r"^[0-9],[od][ps]l,",),
        "nlst_axial": (r"^[0-9],[od][ps]a,",),
        "difference": (
            r"\bs?(sub|subs|subt|subtr|subtract\w*|subtrak\w*|soustr\w+|sustrac\w+|sottraz\w+|subtrac\w+|odejm\w+)\b",
            r"^\([0-9/.]+\)[-+]\([0-9/.]+\)",
            r"\bsub[0-9]",
        ),
        "projection": (
            r"\b(mips?|minips?|pjn|mpvr|vrt?|ssd|maximum intensity\w*|tumble|rotat\w+|volume render\w*|3d render\w*)\b",
        ),
        "fused": (r"alpha ?range|\bfus(ed|ion|ione|ao)\b",),
        "map": (
            r"\b(ser|pe[1-9]|wash ?-?(in|out)|ttp|mtt|r?cb[fv]|rb[fv]|k-?trans|kep|field ?map\w*|fieldmap|slope)\b|\bcad ?~",
            r"\b(fa|colou?r ?fa|fa ?map|fractional aniso\w*|summary series|parametric\w*|colou?r ?map\w*|tram|cadstream)\b",
            r"\b(t1|t2|r2|t2\*|r2\*)[ -]?(map\w*|mapping)\b",
        ),
        "spectral": (
            r"\b(mono ?e\w*|mono ?energ\w*|calcium suppr\w*|iodine\w*|jod\w*|vnc|virtual non\w*|z ?-?eff\w*|electron dens\w*)\b",
        ),
        "mask": (r"\b(roi mask|dwi mask|mask images?|segmentation\w*|tumou?r mask|label ?maps?)\b",),
        "cropped": (r"\bcropped images?\b",),
        "adc": (r"\b[de]?adc\b|apparent[ -]diffusion",),
        "diffusion": (
            r"\b[er]?(dwi|dwibs|dti|tensor|mddw|dwssfse)\w*|\btracew?\b|\badvdiff\b|calc ?bval",
            r"\bdiff(us\w+)?\b|\bdif(us\w+)\b|\bdyfuz\w+",
        ),
        "b_value": (r"\b[0-9]?b ?-?(val(ue)?s?)? ?=? ?[0-9]{2,4}\b|\b[0-9]bval",),
        "dynamic": (
            r"\b(dce|dyn|dyna|dyn(a?mi|ami[ksq])\w*|dyna?views?|dynamisch\w*|dinami\w*|dynamicz\w*|dyn[0-9]\w*)\b",
            r"\b(multi-?phase\w*|mph|twist\w*|tricks|disco|grasp|vibrant[- ]series)\b|\bph ?[0-9]{1,2}[/:]",
            r"\b[0-9](st|nd|rd|th) pass\b|\bpre ?(/|and|&|\+|,|[0-9]|\ba\b| )+ ?post",
            r"\bph(ase)? ?[0-9]{1,2}$",
        ),
        "perfusion": (r"\b(perf\w*|dsc|p?c?asl|pasl|ctp)\b",),
        "functional": (r"\b(f-?mri|bold|rest(ing)?[ -]?state)\b",),
        "spectroscopy": (r"\b(mrs|spectro\w*|svs|csi|espectro\w*|spektro\w*)\b",),
        "angiography": (r"\b(mra|mrv|tof|angio\w*|venogra\w*|inhance)\b",),
        "flair": (r"\bflair|dark ?-?fluid",),
        "t1": (r"(^|[^a-z0-9])t1([^0-9*]|3d|$)",),
        "t1_sequence": (
            r"\b(mp-?rage|f?spgr|ir-?f?spgr|vibe|vibrant|lava\w*|e?-?thrive|bravo|fame|tfe3d|flash3?d?|fl3d)",
            r"\b(in|out|opp(osed)?)[- ]?(of)?[- ]?phase\b|\bin-out|\bip/op",
        ),
        "t2": (r"(^|[^a-z0-9])t2([^0-9*]|3d|$)",),
        "t2_star": (r"\bt2 ?(\*|star)|\b(swi|swan|hemo|heme|merge|qsm|venobold|t2gre)\b|susceptib\w+",),
        "t2_sequence": (r"\b(t?stir|tirm|haste|ssfse|ssh[- ]?tse|mrcp|fiesta|ciss|frfse)\b",),
        "gradient_echo": (r"\b(gre|ffe|gradient\w*|grass|fgre)\b",),
        "proton_density": (r"\b(pd|pdw|dp|proton[ -]?dens\w*|densite de proton\w*)\b",),
        "before": (
            r"\b(pre|pre-?(con\w*|gad\w*|gd|iv|dyn\w*)|plain|nativ\w*|blank|przed|bez|senza|sans|ohne|sin|sem|zonder)\b",
            r"\bnon?[- ]?(con\w*|enh\w*|ca\b|gd\b)|\bunenh\w*|\bwith ?out\b|\bw ?/ ?o\b|\bwo\b|(^| )c-($| )|\bvorher\b",
        ),
        "not_before": (r"\bpre[- ]?(sat|op\w*|tx|proc\w*|bx|biopsy)\b|-pre sat",),
        "after": (
            r"\b(post|post[- ]?(con\w*|gad\w*|gd|iv|inf\w*|ca)|gad|gado\w*|gd|contrast\w*|kontrast\w*|contraste|nach km)\b",
            r"\+ ?c\b|\bc ?\+|\+ ?(gd|gad|k[0-9]?|km)\b|[a-z] (cm|km|ca)\b|\bpost[0-9]|\bt1 ?(ce|c|gd)\b|\bce\b|\bpostc\b|\bdelayed\b|\blate\b",
        ),
        "not_after": (
            r"\bpost[- ]?(op\w*|biopsy|bx|void\w*|treat\w*|tx|surg\w*|proc\w*|rt)\b|bolus agent: ?(no|none)\b",
        ),
        "phase": (
            r"\b(art|arter\w*|portal\w*|venous|ven|venos\w*|veneu\w*|zylna|tetnicza|p\.? ?v\.?p?|nephro\w*|late|excret\w*)\b",
            r"\b(delay\w*|cta|angio\w*|enh|enhanced|infus\w*|post inf|with|wc|w|iv|apc)\b|\b[0-9]+ ?-?min(ute)?s?\b|\bp\.v\.",
        ),
        "correction": (r"\b(ctac|ac ct|ac for pet|ac +ct|attenuation|mu-?map|ac chest)\b",),
        "given": (
            r"\bw(ith)?[ /]*(iv|i\.v\.|con|cont\w*|contr\w*|cst|dye|infus\w*|ivcon)\b|\bw/?$|\binfused\b",
            r"\bwith (iv )?con\w*|\bcontrasted\b|\benhanced\b|\bcta\b|\bct angio\w*|[a-z] ?\+ ?c$|\bw ?/ ?(con\w*|dye)|\bce$|\bmit km\b",
        ),
        "not_given": (
            r"\bwith ?out\b|\bw/? ?o\b|\bw/ ?o|\bwo\b|\bwwo\b|\bw ?(&|and|a|/|\+)? ?w ?/? ?o\b|\bnon?[- ]?(con\w*|enh\w*)|\bw o\b",
            r"\bnonenh|\bunenh|\bun\+|\bplain\b|\bnativ\w*|\broutine ?\+ ?enh|\b(one|two|three|bi|tri|[2-4])[- ]?phase|fazy?\b",
        ),
        "never_given": (
            r"\bwith ?out( iv)? (con\w*|dye|infus\w*)|\bw/? ?o( iv)? ?(con\w*|dye)|\bwo( iv)? ?con\w*|\bnon[- ]?con\w*|\bnativ\b",
        ),
        "given_too": (r"\bwith\b|\bwwo\b|\bw\b[^a-z]*\b(w|wo|and|or)\b|\bw[+&]|\bfollowed by\b",),
        "uncorrected": (
            r"\b\w*nac\b|\bno(n|t|t ?a)?[- ]?(ac|attn|attenuation\w*|corr\w*)\b|\bun ?corr?\w*\b|\bunkor\w*|-noattn\b",
        ),
        "corrected": (
            r"\b(ac|[cmw3][dtb]*ac|wb ?ac\w*|pet ?ac|ctac|attn|attenuation ?-?corr\w*|corr(\.|ected)?|korr\w*)(\b|_)",
        ),
        "synthetic": (r"\b(c-?view|synthe\w*|s-?view|v-?preview|insight 2d|intelligent ?2d|generated 2d)\b",),
        "tomosynthesis": (r"\b(dbt|tomo\w*) (slices?|images?|recon\w*|volumes?)\b|3d ?vol",),
        "tomo_projection": (r"\b(projections?( images?)?|3d ?proj|raw breast proj\w*|breast proj\w*)\b",),
        "left": (
            r"\b(left|lt|l (cc|mlo|ml|lm|at|xccl|xccm|cv|fb|isp)|lcc|lmlo|links?e?r?|sinist\w*|gauche|izq\w*|esq\w*|lewa|lewy)\b",
        ),
        "right": (
            r"\b(right|rt|r (cc|mlo|ml|lm|at|xccl|xccm|cv|fb|isp)|rcc|rmlo|rechte?r?s?|destr\w*|droite?|derech\w*|direit\w*|prawa|prawy)\b",
        ),
        "lying": (r"\bdecub\w*",),
        "both": (r"\b(bilat\w*|bi-?lateral\w*|both|beid\w*|bds)\b",),
    }
)
"""Notion to its spellings."""

STUDY_WORDS = ("given", "not_given", "never_given", "given_too")
"""Notions that are looked for in the description of the study."""
SERIES_WORDS = tuple(name for name in WORDS if name not in STUDY_WORDS)
"""Notions that are looked for in the description of the series."""


def pattern(name: str) -> str:
    """The regular expression of a notion."""
    return "|".join(WORDS[name])
