"""Words that mean the same when somebody looks for data, in groups.

Labels of the dictionary's codes are not repeated here: a code and its label mean the same already.
The groups are ours; a group is added where people look for a thing by another word than the data use.
"""

from __future__ import annotations

SYNONYMS: tuple[tuple[str, ...], ...] = (
    # Kinds of images (the DICOM code stands first).
    ("mr", "mri", "nmr", "magnetic resonance", "magnetic resonance imaging", "magnetic resonance tomography"),
    ("ct", "cat scan", "computed tomography", "computer tomography", "computerised tomography"),
    ("pt", "pet", "positron emission tomography"),
    ("mg", "mammography", "mammogram", "mammographic"),
    ("us", "ultrasound", "sonography", "echography", "ultrasonography"),
    ("nm", "nuclear medicine", "scintigraphy", "spect"),
    ("sm", "slide microscopy", "histopathology", "pathology slides", "whole slide", "wsi", "digital pathology"),
    ("cr", "computed radiography"),
    ("dx", "digital radiography"),
    ("xa", "x ray angiography", "angiography"),
    ("rtstruct", "radiotherapy structure set", "contours", "contouring"),
    ("seg", "segmentation", "segmentations", "mask", "masks"),
    ("rtdose", "radiotherapy dose", "dose distribution"),
    ("sr", "structured report"),
    # Parts of the body and where cancers are.
    ("breast", "mammary", "mamma"),
    ("lung", "lungs", "pulmonary", "nsclc", "sclc"),
    ("colon", "large bowel"),
    ("colorectal", "bowel"),
    ("kidney", "kidneys", "renal"),
    ("liver", "hepatic"),
    ("stomach", "gastric"),
    ("bladder", "urinary bladder", "vesical"),
    ("ovary", "ovaries", "ovarian"),
    ("testis", "testes", "testicular"),
    ("cervix", "uterine cervix", "cervical cancer"),
    ("uterus", "uterine", "endometrial", "endometrium"),
    ("brain", "cerebral"),
    ("esophagus", "oesophagus", "esophageal", "oesophageal"),
    ("pancreas", "pancreatic"),
    ("prostate", "prostatic"),
    ("headneck", "head and neck", "head neck"),
    ("wholebody", "whole body"),
    ("skin", "cutaneous"),
    ("bone", "osseous", "skeletal"),
    # Diseases.
    ("cancer", "tumor", "tumour", "neoplasm", "malignancy", "oncology", "malignant neoplasm", "malignant tumour"),
    ("carcinoma", "carcinomas"),
    ("melanoma", "melanomas"),
    ("glioma", "gliomas"),
    ("glioblastoma", "gbm", "glioblastoma multiforme"),
    ("hepatocellular carcinoma", "hcc"),
    ("renal cell carcinoma", "rcc"),
    ("leukemia", "leukaemia"),
    ("metastasis", "metastases", "metastatic", "secondary tumour", "secondary tumor"),
    # People.
    ("f", "female", "females", "woman", "women"),
    ("m", "male", "males", "man", "men"),
    ("pediatric", "paediatric", "child", "children", "childhood"),
    # Makers.
    ("ge", "general electric", "ge healthcare", "ge medical systems"),
    ("canon", "toshiba"),
    ("siemens", "siemens healthineers"),
)
"""Groups of words and phrases, in small letters without accents."""
