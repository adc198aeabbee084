"""The answer to a C-STORE, read back by pynetdicom."""

import pytest
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.pdu import P_DATA_TF

from oncommons.node.receive.dimse.response import store_response

CT = "1.2.840.10008.5.1.4.1.1.2"


def read(raw):
    unit, message = P_DATA_TF(), DIMSEMessage()
    unit.decode(raw)
    primitive = unit.to_primitive()
    assert message.decode_msg(primitive)
    return primitive.presentation_data_value_list[0][0], message.command_set, message.message_to_primitive()


@pytest.mark.parametrize("status", [0x0000, 0x0117, 0xA700, 0xC601])
@pytest.mark.parametrize("comment", ["", "E401 The disk is full", "odd"])
@pytest.mark.parametrize("sop", ["1.2.3", "1.2.34"])
def test_it_is_what_was_meant(status, comment, sop):
    context, _, told = read(store_response(77, 65535, (CT, sop), status, comment))
    assert (context, told.MessageIDBeingRespondedTo, told.Status) == (77, 65535, status)
    assert (told.AffectedSOPClassUID, told.AffectedSOPInstanceUID) == (CT, sop)
    assert told.ErrorComment == (comment or None)


def test_its_lengths_agree():
    raw = store_response(1, 1, (CT, "1.2.3"), 0, "why")
    _, command, _ = read(raw)
    assert int.from_bytes(raw[2:6], "big") == len(raw) - 6
    assert command.CommandGroupLength == len(raw) - 6 - 6 - 12
    assert [element.tag for element in command] == sorted(element.tag for element in command)


def test_a_long_comment_is_cut_and_what_is_not_ascii_replaced():
    _, _, told = read(store_response(1, 1, (CT, "1.2.3"), 0xC000, "é" * 100))
    assert told.ErrorComment == "?" * 64
