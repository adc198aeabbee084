"""Nodes that keep small series, some of them spoilt."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from tests.node.images import dicom, fill

from oncommons.node.flow import import_images
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About

CONTOURS, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.2.1"


def slices(count=6, *, without=(), series=1, study=1, pixel=7, **more):
    """Files of a series, by name; a number stands for the slice at that many times five millimetres."""
    return {
        f"{study}.{series}.{number}": dicom(
            number,
            series,
            study,
            pixel=pixel + number,
            ImagePositionPatient=[-158, -179, 5.0 * number],
            SeriesDate="20040119",
            **more,
        )
        for number in range(1, count + 1)
        if number not in without
    }


def enhanced(count=8, *, without=(), pixel=7):
    """A file of one enhanced CT whose frames are slices, some left out."""
    numbers = [number for number in range(1, count + 1) if number not in without]
    return dicom(
        1,
        pixel=pixel,
        SOPClassUID=ENHANCED_CT,
        ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        NumberOfFrames=len(numbers),
        PixelData=bytes([pixel, 0]) * 64 * len(numbers),
        PerFrameFunctionalGroupsSequence=Sequence([_frame(5.0 * number) for number in numbers]),
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
    )


def _frame(at):
    position, orientation, measures, frame = Dataset(), Dataset(), Dataset(), Dataset()
    position.ImagePositionPatient = [-158, -179, at]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing, measures.SliceThickness = [0.9, 0.9], 5
    frame.PlanePositionSequence, frame.PlaneOrientationSequence = Sequence([position]), Sequence([orientation])
    frame.PixelMeasuresSequence = Sequence([measures])
    return frame


def contours(names, series=9, study=1, **more):
    """A file of contours that name these objects."""
    images = Sequence()
    for name in names:
        image = Dataset()
        image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", name
        images.append(image)
    contour, region = Dataset(), Dataset()
    contour.ContourImageSequence = images
    region.ContourSequence = Sequence([contour])
    gone = dict.fromkeys(["PixelData", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient"])
    return dicom(
        1,
        series,
        study,
        Modality="RTSTRUCT",
        SOPClassUID=CONTOURS,
        ROIContourSequence=Sequence([region]),
        **gone,
        **more,
    )


def keep(home, folder, files, dataset="lung"):
    """Import files into a dataset of a node."""
    arrivals = [FileArrival(path) for path in files_in(fill(folder / dataset, files))]
    report = import_images(home, arrivals, dataset, About(""), lambda *_: None)
    assert (report.quarantined.total(), report.refused) == (0, 0), report.to_json()
    return report
