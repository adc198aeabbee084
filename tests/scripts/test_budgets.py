"""The budgets: each fault is planted in a small repository and must be reported."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "budgets.py"
CLEAN = '"""A module."""\n'
A_TEST = "def test_it():\n    assert True\n"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("budgets_under_test", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


budgets = load()


class House:
    """A small repository that keeps every budget, to plant faults in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("src/oncommons/__init__.py", CLEAN)
        self.add("schema/words", CLEAN)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def add(self, module: str, text: str, test: str = A_TEST) -> None:
        """A module with the packages around it and its test."""
        *rooms, name = module.split("/")
        for i in range(len(rooms)):
            self.write("/".join(["src/oncommons", *rooms[: i + 1], "__init__.py"]), CLEAN)
        self.write(f"src/oncommons/{module}.py", text)
        self.write("/".join(["tests", *rooms, f"test_{name}.py"]), test)

    def faults(self) -> list[str]:
        return [str(fault) for fault in budgets.faults(self.root)]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def body(lines: int) -> str:
    return "".join(f"    x{i} = {i}\n" for i in range(lines))


def test_a_clean_house_has_no_fault(house):
    assert house.faults() == []


def test_a_file_of_401_lines_is_too_long(house):
    house.add("policy/long", CLEAN + "\n" * 400)
    assert house.faults() == ["src/oncommons/policy/long.py:1: file has 401 lines, budget 400"]


def test_a_file_of_400_lines_is_not(house):
    house.add("policy/long", CLEAN + "\n" * 399)
    assert house.faults() == []


def test_a_function_of_41_code_lines_is_too_long(house):
    house.add("policy/tall", CLEAN + "def _f():\n" + body(40))
    assert house.faults() == ["src/oncommons/policy/tall.py:2: function _f has 41 code lines, budget 40"]


def test_blank_lines_comments_and_docstrings_are_not_code(house):
    text = 'def _f():\n    """Say.\n\n    More.\n    """\n    # why\n\n' + body(39)
    house.add("policy/tall", CLEAN + text)
    assert house.faults() == []


def test_a_sign_of_a_comment_in_a_text_is_code(house):
    text = 'def _f():\n    x = """\n    # not a comment\n    """\n' + body(37)
    house.add("policy/tall", CLEAN + text)
    assert house.faults() == ["src/oncommons/policy/tall.py:2: function _f has 41 code lines, budget 40"]


def test_seven_arguments_are_too_many(house):
    house.add("policy/wide", CLEAN + "def _f(a, b, c, /, d, *, e, f, g):\n    pass\n")
    assert house.faults() == ["src/oncommons/policy/wide.py:2: function _f has 7 arguments, budget 6"]


def test_self_is_not_an_argument(house):
    house.add("policy/wide", CLEAN + "class _C:\n    def _f(self, a, b, c, d, e, f):\n        pass\n")
    assert house.faults() == []


def test_a_module_needs_a_test_of_its_name(house):
    house.add("policy/alone", CLEAN)
    (house.root / "tests/policy/test_alone.py").unlink()
    expected = "no test file of its name; tests/policy/test_alone.py is expected"
    assert house.faults() == [f"src/oncommons/policy/alone.py:1: {expected}"]


def test_a_test_file_without_a_test_does_not_count(house):
    house.add("policy/alone", CLEAN, test="X = 1\n")
    assert len(house.faults()) == 1


def test_a_unique_name_may_be_tested_anywhere_but_among_the_docs(house):
    house.add("policy/alone", CLEAN)
    test = house.root / "tests/policy/test_alone.py"
    test.rename(house.root / "tests/test_alone.py")
    assert house.faults() == []
    house.write("tests/docs/test_alone.py", A_TEST)
    (house.root / "tests/test_alone.py").unlink()
    assert len(house.faults()) == 1


@pytest.mark.parametrize("place", ["tests/hub/search/test_routes.py", "tests/hub/test_search_routes.py"])
def test_two_modules_of_one_name_need_a_test_each(house, place):
    house.add("hub/link/routes", CLEAN)
    house.add("hub/search/routes", CLEAN)
    (house.root / "tests/hub/search/test_routes.py").unlink()
    assert [fault.partition(":")[0] for fault in house.faults()] == ["src/oncommons/hub/search/routes.py"]
    house.write(place, A_TEST)
    assert house.faults() == []


def test_packages_the_entry_point_and_migrations_need_no_test(house):
    house.write("src/oncommons/__main__.py", CLEAN)
    house.add("storage/migrations/first", CLEAN + "def upgrade():\n    pass\n")
    (house.root / "tests/storage/migrations/test_first.py").unlink()
    assert house.faults() == []


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("X = 1\n", "module", 1),
        (CLEAN + "def ask():\n    pass\n", "ask", 2),
        (CLEAN + "class Card:\n    pass\n", "Card", 2),
        (CLEAN + 'class Card:\n    """A."""\n    def show(self):\n        pass\n', "show", 4),
    ],
)
def test_what_is_public_has_a_docstring(house, text, name, line):
    house.add("policy/bare", text)
    assert house.faults() == [f"src/oncommons/policy/bare.py:{line}: no docstring: {name}"]


def test_what_is_private_or_nested_needs_none(house):
    inner = 'def f():\n    """Do."""\n    def g():\n        pass\n    return g\n'
    house.add("policy/bare", CLEAN + "class _C:\n    def f(self):\n        pass\n" + inner)
    assert house.faults() == []


def test_too_many_mock_words(house):
    word = "mo" + "ck"
    house.write("tests/test_more.py", f"import {word}\n" + A_TEST + f"# {word} in words is free\n")
    assert house.faults() == ["tests/test_more.py:1: 1 mock words; 50 per 100 tests in all, budget 10"]


def test_unfinished_business(house):
    house.add("policy/later", CLEAN + "# TO" + "DO write it\n")
    assert house.faults() == ["src/oncommons/policy/later.py:2: TO" + "DO in the source, budget 0"]


CHILD = "from oncommons.schema.words import A\n\n\nclass B(A):\n    '''B.'''\n\n\nclass C(B):\n    '''C.'''\n"


def test_three_generations_are_too_deep_across_modules(house):
    house.add("schema/words", CLEAN + "class A:\n    '''A.'''\n")
    house.add("policy/deep", CLEAN + CHILD)
    assert house.faults() == ["src/oncommons/policy/deep.py:9: class C has inheritance depth 3, budget 2"]


def test_errors_may_have_three_generations_but_not_four(house):
    house.add("schema/words", CLEAN + "class A(Exception):\n    '''A.'''\n")
    house.add("policy/deep", CLEAN + CHILD)
    assert house.faults() == []
    house.add("policy/deep", CLEAN + CHILD + "class D(C):\n    '''D.'''\n")
    assert house.faults() == ["src/oncommons/policy/deep.py:11: class D has inheritance depth 4, budget 3"]


def test_an_import_inside_a_function(house):
    house.add("policy/late", CLEAN + "def _f():\n    import json\n    return json\n")
    (fault,) = house.faults()
    assert fault.startswith("src/oncommons/policy/late.py:3: import inside a function")


def test_an_import_inside_a_function_may_have_a_reason(house):
    path = "src/oncommons/policy/late.py"
    house.add("policy/late", CLEAN + "def _f():\n    import json\n    return json\n")
    sources = budgets.read(house.root, "src/oncommons")
    assert list(budgets.late_imports(sources, {path: "heavy"})) == []


def test_a_reason_that_nothing_needs_is_a_fault(house):
    sources = budgets.read(house.root, "src/oncommons")
    (fault,) = budgets.late_imports(sources, {"src/oncommons/schema/words.py": "heavy"})
    assert "nothing is imported late" in str(fault)


def test_a_folder_that_the_linter_cannot_see(house):
    house.add("policy/rules/first", CLEAN)
    (house.root / "src/oncommons/policy/rules/__init__.py").unlink()
    assert house.faults() == ["src/oncommons/policy/rules:1: folder without __init__.py"]


def test_a_folder_without_python_needs_none(house):
    house.write("src/oncommons/schema/templates/page.html", "<p>")
    assert house.faults() == []


@pytest.mark.parametrize("name", ["utils", "core", "base", "manager", "common", "text_utils", "help" + "ers"])
def test_names_that_say_nothing(house, name):
    house.add(f"policy/{name}", CLEAN)
    assert house.faults() == [f"src/oncommons/policy/{name}.py:1: vague name '{name}', budget 0"]


def test_two_rooms_that_import_each_other(house):
    house.add("schema/words", CLEAN + "from oncommons.policy import rules\n")
    house.add("policy/rules", CLEAN + "from ..schema import words\n")
    expected = "rooms policy and schema import each other, budget 0; the other way at src/oncommons/schema/words.py:2"
    assert house.faults() == [f"src/oncommons/policy/rules.py:2: {expected}"]


def test_one_way_is_fine(house):
    house.add("policy/rules", CLEAN + "from oncommons.schema import words\n")
    assert house.faults() == []


def test_a_clean_house_ends_well_and_shows_what_was_measured(house, capsys):
    assert budgets.main([str(house.root)]) == 0
    shown = capsys.readouterr().out
    assert "room pairs importing both ways" in shown
    assert "Every budget is kept." in shown


def test_a_fault_ends_badly_and_is_listed(house, capsys):
    house.add("policy/bare", "X = 1\n")
    assert budgets.main([str(house.root)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("src/oncommons/policy/bare.py:1: no docstring: module\n")
    assert "1 over budget." in shown
