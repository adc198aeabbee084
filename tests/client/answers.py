"""Answers as a hub sends them."""

from oncommons.schema.answer import Answer, Count, CriterionUse, DatasetAnswer, Group, Lack, NodeAnswer, exact

FEW = Count(0, 9, "suppressed")
SOME = Count(40, 49, "rounded")


def a_dataset(name="lung", certain=None, possible=None, **more):
    return DatasetAnswer(name, certain or exact(3), possible or exact(5), **more)


def a_node(name="athens", *datasets, **more):
    return NodeAnswer(name, "answered", policy="open", datasets=datasets or (a_dataset(),), milliseconds=12, **more)


def an_answer(*nodes):
    question = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
    return Answer("q1", question, "Count people where sex is F, by dataset.", nodes or (a_node(),), 20)


def grouped():
    groups = (Group({"sex": "F"}, SOME, SOME), Group({"sex": None}, exact(10), exact(10)))
    return a_dataset("lung", SOME, SOME, groups=groups, unlisted=FEW)


def explained():
    return a_dataset(
        applied=(CriterionUse("where.all[0]", "sex is F"),),
        unknown=(CriterionUse("where.all[1]", "manufacturer is GE"),),
        lacking=(
            Lack("sex", "person", True, exact(2), exact(7)),
            Lack("age", "person", True, exact(0), exact(7)),
            Lack("manufacturer", "series", False, exact(9), exact(9)),
        ),
    )
