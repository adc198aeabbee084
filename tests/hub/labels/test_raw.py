"""A row of a file of labels is no synonym unless it says so."""

from oncommons.hub.labels.raw import Form, Raw


def test_a_row_is_a_label_and_a_form_says_nothing_that_its_file_does_not():
    assert not Raw(1, "", "C34", "", "word").synonym
    form = Form("CSV", iter(()))
    assert (form.system, form.language, form.edition) == ("", "", "")
