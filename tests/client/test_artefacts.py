"""What can be made of what came of a run."""

import zipfile
from io import BytesIO

from tests.client.figures.records import by_grade

from oncommons.client.runs import Made


def test_figures_files_a_crate_and_a_notebook_s_page_come_of_a_run(tmp_path):
    made = Made(by_grade())
    (figure,) = made.figures()
    made.save(tmp_path, "column")
    assert (tmp_path / "survival.svg").read_bytes() == figure.svg("column")
    assert "run.json" in zipfile.ZipFile(BytesIO(made.crate())).namelist()
    assert figure.title in made._repr_html_()
