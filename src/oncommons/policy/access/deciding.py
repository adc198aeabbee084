"""Whether a permit lets a question through: a table of rules, each of which is judged and explained.

Hub and node call the same function.  The hub's answer is a courtesy, which spares everybody a question that no node
would answer; the node's is the law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oncommons.policy.access.demands import Demand, Restriction
from oncommons.policy.disclosure.budget import cost_of
from oncommons.schema.errors_of_permits import BeyondPermit, ConsentAwaited, PermitError, PermitNeeded
from oncommons.schema.image_fields import CARRIED
from oncommons.schema.permit import COUNT, IMAGES, Permit, written
from oncommons.schema.question import Question, Some, fields_of, leaves
from oncommons.schema.run import Run

_SHOWN = 3


@dataclass(frozen=True)
class Request:
    """What is asked, and by whom.

    Attributes:
        person: Who asks, as the hub vouches for.
        analysis: What is done, such as ``count``.
        variables: Entities and fields that are asked for, as a permit names them.
        groups: Whether counts by codes are asked for.
        cost: What it costs, see :mod:`oncommons.policy.disclosure.budget`.
        repeated: Whether the same was asked under the permit before, and paid for.
        carried: Entities and fields that come along unasked: no permit need name them, and where one was taken away,
            nothing is given.
    """

    person: str
    analysis: str = COUNT
    variables: frozenset[str] = frozenset()
    groups: bool = False
    cost: int = 1
    repeated: bool = False
    carried: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Conditions:
    """What a permit meets: those of a node, or of the hub, which has no data.

    Attributes:
        hub: How the hub is named that asks, and that the node joined.
        node: Name of the node; empty at the hub.
        datasets: Dataset that is held here to its version.
        demand: What the node demands.
        keeps: The largest smallest number that the node's rule can keep to; ``None`` for any.
        revoked: Whether the permit was taken back here.
        consented: Whether the data manager consented to the project.
        restriction: What the data manager took away from the project.
        spent: What the permit's questions have cost here.
        agreed: Whether the data manager consented to this run.
        declined: Why the data manager declined this run; empty where they did not.
    """

    hub: str
    node: str = ""
    datasets: Mapping[str, str] = field(default_factory=dict)
    demand: Demand = "optional"
    keeps: int | None = None
    revoked: bool = False
    consented: bool = False
    restriction: Restriction = field(default_factory=Restriction)
    spent: int = 0
    agreed: bool = False
    declined: str = ""


@dataclass(frozen=True)
class Case:
    """All that a rule may look at: a permit, a request, a time in seconds since the epoch, and conditions."""

    permit: Permit
    request: Request
    now: float
    here: Conditions

    @property
    def held(self) -> dict[str, str]:
        """Dataset that the permit names, and that is held here and not taken away, to the version that it names."""
        named = {h.dataset: h.version for h in self.permit.at(self.here.node)}
        allowed = self.here.datasets.keys() - self.here.restriction.datasets
        return {dataset: version for dataset, version in named.items() if dataset in allowed}

    @property
    def covered(self) -> frozenset[str]:
        """The datasets that may be asked: held, and at the version that is named."""
        return frozenset(d for d, version in self.held.items() if version in {"", self.here.datasets[d]})


Judge = Callable[[Case], str]
"""Says why a case is refused; empty where it is not."""


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Attributes:
        name: Its name, which a refusal has in its message.
        says: What it asks, for people.
        source: Where it comes from.
        judge: Judges a case.
        at_hub: Whether the hub can judge it, which knows neither data nor data manager.
    """

    name: str
    says: str
    source: str
    judge: Judge
    at_hub: bool = True


@dataclass(frozen=True)
class Verdict:
    """What one rule says: allowed where ``why`` is empty; not ``judged`` where it cannot be judged here."""

    rule: str
    says: str
    source: str
    why: str = ""
    judged: bool = True

    @property
    def allowed(self) -> bool:
        """Whether the rule lets it through."""
        return not self.why


@dataclass(frozen=True)
class Decision:
    """Whether a request is let through, and what every rule says of it.

    Attributes:
        verdicts: One a rule, in the order of the table; none where no permit was shown and none is needed.
        datasets: The datasets that may be asked; ``None`` where no permit says which.
        least: The smallest number that may be told.
    """

    verdicts: tuple[Verdict, ...]
    datasets: frozenset[str] | None = None
    least: int = 0

    @property
    def refused(self) -> Verdict | None:
        """The first rule that refuses."""
        return next((v for v in self.verdicts if not v.allowed), None)

    @property
    def allowed(self) -> bool:
        """Whether all rules let it through."""
        return self.refused is None

    @property
    def waits(self) -> bool:
        """Whether nothing is missing but the data manager's consent to this run; the rule for it is the last one."""
        return self.refused is not None and self.refused.rule == RULES[-1].name

    def enforce(self) -> None:
        """Go on only where all rules let it through.

        Raises:
            PermitNeeded: no permit was shown.
            ConsentAwaited: it waits for the data manager's consent to this run.
            BeyondPermit: a rule refuses; the message names it.
        """
        first = self.refused
        if first is not None:
            others: dict[str, type[PermitError]] = {RULES[0].name: PermitNeeded, RULES[-1].name: ConsentAwaited}
            kind = others.get(first.rule, BeyondPermit)
            raise kind(_in_words(first.why, first.rule, first.says), at=f"permit.{first.rule}")

    def to_json(self) -> list[dict[str, Any]]:
        """What every rule says, as JSON."""
        return [
            {"rule": v.rule, "says": v.says, "source": v.source, "allowed": v.allowed, "why": v.why, "judged": v.judged}
            for v in self.verdicts
        ]


def request_of(question: Question | Run, person: str, *, repeated: bool = False) -> Request:
    """What a cohort question, or an analysis, asks for.

    Args:
        question: The question, or the run.
        person: Who asks.
        repeated: Whether it was asked under the permit before.
    """
    if isinstance(question, Run):
        return Request(person, question.analysis, question.asked(), cost=cost_of(question), repeated=repeated)
    entities = {question.count} | {x.criterion.entity for x in leaves(question) if isinstance(x.criterion, Some)}
    fields = {f"{f.entity}.{f.name}" for f in fields_of(question)}
    return Request(person, COUNT, frozenset(entities | fields), bool(question.by), cost_of(question), repeated)


def beyond(rule: str, why: str) -> BeyondPermit:
    """The refusal by a rule of the table, in its words, where who refuses knows what no request says."""
    says = next(one.says for one in RULES if one.name == rule)
    return BeyondPermit(_in_words(why, rule, says), at=f"permit.{rule}")


def is_refused_by(rule: str, message: str) -> bool:
    """Whether a refusal is that of a rule of the table, by its words: of a node's, the hub has no more."""
    return message.endswith(_in_words("", rule, next(one.says for one in RULES if one.name == rule)))


def _in_words(why: str, rule: str, says: str) -> str:
    return f"{why} The rule {rule} says: {says}"


def without_permit(demand: Demand) -> Decision:
    """Judge what is asked without a permit.

    Args:
        demand: What the node demands.
    """
    first = RULES[0]
    needed = "" if demand == "optional" else "No permit was shown, and this node answers none without."
    return Decision((Verdict(first.name, first.says, first.source, needed),))


def request_of_images(person: str) -> Request:
    """What searching for and retrieving images asks for: rows of series, and with them all that their headers tell.

    It costs nothing, since no number is worked out.

    Args:
        person: Who asks.
    """
    return Request(person, IMAGES, frozenset({"series"}), cost=0, carried=CARRIED)


def decide(permit: Permit, request: Request, now: float, here: Conditions) -> Decision:
    """Judge a request by every rule of the table.

    Args:
        permit: The permit that was shown, its signature verified.
        request: What is asked, and by whom.
        now: Seconds since the epoch.
        here: The conditions of the node, or of the hub.
    """
    case = Case(permit, request, now, here)
    verdicts = tuple(
        Verdict(r.name, r.says, r.source, r.judge(case) if r.at_hub or here.node else "", r.at_hub or bool(here.node))
        for r in RULES
    )
    return Decision(verdicts, case.covered, permit.output.least)


def _hub(case: Case) -> str:
    return "" if case.permit.hub == case.here.hub else "Another hub issued the permit."


def _revoked(case: Case) -> str:
    return "The permit was taken back." if case.here.revoked else ""


def _begun(case: Case) -> str:
    begins = case.permit.not_before
    return "" if case.now >= begins else f"The permit holds from {written(begins)} on."


def _ended(case: Case) -> str:
    ends = case.permit.not_after
    return "" if case.now < ends else f"The permit ended at {written(ends)}."


def _person(case: Case) -> str:
    return "" if case.request.person in case.permit.people else "Whoever asks is not among the people of the permit."


def _node(case: Case) -> str:
    return "" if case.permit.at(case.here.node) else "The permit names no dataset of this node."


def _datasets(case: Case) -> str:
    return "" if case.held else "No dataset of this node that the permit names is here, or open to the project."


def _version(case: Case) -> str:
    return "" if case.covered else "The data have changed since the version that the permit names."


def _analysis(case: Case) -> str:
    return (
        "" if case.request.analysis in case.permit.analyses else f"{case.request.analysis} is not among the analyses."
    )


def _variables(case: Case) -> str:
    """A field of an entity lets its rows be counted; people may always be counted."""
    named = set(case.permit.variables) | {"person"}
    named |= {variable.partition(".")[0] for variable in case.permit.variables}
    return _beyond(case.request.variables - named, "not among the variables of the permit")


def _groups(case: Case) -> str:
    allowed = case.permit.output.groups or not case.request.groups
    return "" if allowed else "Counts by codes are not among what may be told."


def _least(case: Case) -> str:
    least, keeps = case.permit.output.least, case.here.keeps
    if keeps is None or least <= keeps:
        return ""
    return f"No number below {least:,} may be told, and this node's rule keeps to {keeps:,} at most."


def _consent(case: Case) -> str:
    needed = case.here.demand == "consent" and not case.here.consented
    return "The node's data manager has not consented to the project." if needed else ""


def _restriction(case: Case) -> str:
    """What of an entity was taken away is all of it, its fields included."""
    taken, asked = case.here.restriction, case.request.variables | case.request.carried
    if taken.until is not None and case.now >= taken.until:
        return f"The node's data manager let the project ask until {written(taken.until)}."
    if case.request.groups and not taken.groups:
        return "The node's data manager lets the project have no counts by codes."
    return _beyond(
        {v for v in asked if v in taken.variables or v.partition(".")[0] in taken.variables},
        "taken away from the project by the node's data manager",
    )


def _budget(case: Case) -> str:
    budget, cost = case.permit.budget, case.request.cost
    if not budget or case.request.repeated or case.here.spent + cost <= budget:
        return ""
    left = max(budget - case.here.spent, 0)
    return f"The question costs {cost:,}; of the {budget:,} of the permit, {left:,} are left at this node."


def _declined(case: Case) -> str:
    return f"The node's data manager declined: {case.here.declined}" if case.here.declined else ""


def _run(case: Case) -> str:
    waits = case.here.demand == "run" and not case.here.agreed
    return "It waits for the consent of the node's data manager; ask again once they agreed." if waits else ""


def _beyond(variables: frozenset[str] | set[str], what: str) -> str:
    first = sorted(variables)
    more = f" and {len(first) - _SHOWN} more" if len(first) > _SHOWN else ""
    return f"{', '.join(first[:_SHOWN])}{more}: {what}." if first else ""


_EHDS = "Regulation (EU) 2025/327"
_ODRL = "ODRL Information Model 2.2"
RULES: tuple[Rule, ...] = (
    Rule("permit", "a node may ask for a permit with every question.", "the node's setting", lambda _: ""),
    Rule("hub", "the hub that issued the permit is the one that the node joined.", "decision 0036", _hub),
    Rule("revoked", "a permit that was taken back holds no more.", f"{_EHDS}, Art. 63(3)", _revoked),
    Rule("begin", "nothing is asked before the period begins.", f"{_EHDS}, Art. 68(12)", _begun),
    Rule("end", "nothing is asked after the period has ended.", f"{_EHDS}, Art. 68(12)", _ended),
    Rule("person", "only the people of the permit ask.", f"{_EHDS}, Art. 68(10); {_ODRL}, assignee", _person),
    Rule("node", "only nodes are asked of which the permit names data.", f"{_ODRL}, target", _node, at_hub=False),
    Rule("dataset", "only the datasets of the permit answer.", f"{_ODRL}, target", _datasets, at_hub=False),
    Rule("version", "a dataset answers at the version that is named.", "decision 0036", _version, at_hub=False),
    Rule("analysis", "only the analyses of the permit are done.", f"{_EHDS}, Art. 68(10)", _analysis),
    Rule("variable", "only the variables of the permit are asked for.", f"{_EHDS}, Art. 66 (minimisation)", _variables),
    Rule("groups", "counts by codes are told where the permit says so.", "Five Safes, safe outputs", _groups),
    Rule(
        "least", "no number is told below the smallest of the permit.", "Five Safes, safe outputs", _least, at_hub=False
    ),
    Rule("consent", "a data manager may ask for own consent.", "the node's setting", _consent, at_hub=False),
    Rule(
        "restriction", "a data manager may take away from a project.", "the node's setting", _restriction, at_hub=False
    ),
    Rule("budget", "questions cost no more than the budget of the permit.", "decision 0036", _budget, at_hub=False),
    Rule("declined", "a data manager may decline a question.", "decision 0044", _declined, at_hub=False),
    Rule("run", "a data manager may ask for own consent to each question.", "decision 0044", _run, at_hub=False),
)
"""The table; the first rule that refuses is told."""
