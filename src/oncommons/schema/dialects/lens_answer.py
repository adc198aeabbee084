"""Our answers as EUCAIM's explorer reads them: collections with their numbers, and a total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.schema.answer import Answer, Count, total
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon_about import Held
from oncommons.schema.dialects.beacon_answer import check_heard, dataset_id
from oncommons.schema.dialects.beacon_counts import not_excluded
from oncommons.schema.dialects.lens import SCOPE_RULE
from oncommons.schema.dialects.lens_codes import eucaim_code


@dataclass(frozen=True)
class Counted:
    """A dataset's people and examinations."""

    people: Count
    studies: Count


def tell_collections(provider: str, icon: str, people: Answer, studies: Answer, held: Held) -> dict[str, Any]:
    """The answer to a request of Lens.

    Lists describe the whole collection, as its card does.  Ages are not on cards, since the youngest and the oldest
    person would be single people; the range is empty, not 0 to 0.

    Args:
        provider: Name of who answers.
        icon: Address of its picture.
        people: The answer that counts people.
        studies: The answer that counts examinations.
        held: Every dataset card.

    Raises:
        NobodyAnswered: no node answered, so there is no number.
    """
    check_heard(people)
    check_heard(studies)
    counted = _counted(people, studies)
    cards = {dataset_id(node, card.dataset): card for node, card in held}
    told = {key: one for key, one in counted.items() if not_excluded(one.people) or not_excluded(one.studies)}
    return {
        "provider": provider,
        "provider_icon": icon,
        "collections": [_collection(key, one, cards.get(key)) for key, one in told.items()],
        "total": _numbers([*counted.values()]),
        "question": dict(people.question),
        "sentence": people.sentence,
        "scope_rule": list(SCOPE_RULE),
        "asked": [n.node for n in people.asked],
        "not_asked": [n.node for n in people.not_asked],
        "not_included": [
            {"node": n.node, "status": n.status, "reason": n.reason, "code": n.code}
            for _, n in sorted({n.node: n for n in (*studies.not_included, *people.not_included)}.items())
        ],
    }


def _counted(people: Answer, studies: Answer) -> Mapping[str, Counted]:
    """Datasets that answered both questions."""
    both = _by_dataset(studies)
    return {key: Counted(count, both[key]) for key, count in _by_dataset(people).items() if key in both}


def _by_dataset(answer: Answer) -> dict[str, Count]:
    return {dataset_id(n.node, d.dataset): d.certain for n in answer.included for d in n.datasets}


def _numbers(parts: Sequence[Counted]) -> dict[str, Any]:
    """The numbers of one or several together: what the explorer adds up and calls a number of people, and the bounds."""
    people, studies = [one.people for one in parts], [one.studies for one in parts]
    return {
        "studies_count": sum(count.number for count in studies),
        "subjects_count": sum(count.number for count in people),
        "studies": total(studies).to_json(),
        "subjects": total(people).to_json(),
    }


def _collection(key: str, one: Counted, card: DatasetCard | None) -> dict[str, Any]:
    return {
        "id": key,
        "name": card.title if card is not None and card.title else key,
        "description": card.about if card is not None else "",
        **_numbers([one]),
        "age_range": {"min": None, "max": None},
        "gender": _codes(card, "sex"),
        "modalities": _codes(card, "modality"),
        "body_parts": _codes(card, "body_part"),
    }


def _codes(card: DatasetCard | None, name: str) -> list[str]:
    """Codes that the card tells of, the most frequent first."""
    told = card.codes.get(name, {}) if card is not None else {}
    ordered = sorted(told, key=lambda code: (-told[code].at_least, code))
    return list(dict.fromkeys(eucaim_code(name, code) for code in ordered))
