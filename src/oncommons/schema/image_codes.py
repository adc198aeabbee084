"""Tables of codes about images: classes of series, and identifiers of body parts in another terminology."""

from __future__ import annotations

SERIES_CLASSES = """
    ADC map of the apparent diffusion coefficient
    ANNOTATION annotations or presentation states
    CT CT slices in any plane, contrast not stated or before it
    CT_CONTRAST CT slices in any plane after contrast
    DCE dynamic contrast-enhanced MR: all its phases or one, the one before contrast included
    DERIVED computed from other images, without a class of its own: subtraction, projection, map of a quantity
    DOSE dose of radiotherapy
    DWI diffusion-weighted MR, also one computed for a b value
    FLAIR T2-weighted MR with suppressed fluid
    FLUOROSCOPY fluoroscopy or X-ray angiography
    FMRI functional MR
    LOCALIZER planning image: localizer, scout, bolus tracking, calibration
    MG_2D mammogram
    MG_SYNTHETIC mammogram computed from tomosynthesis
    MRA MR angiography
    MRS MR spectroscopy
    NM planar nuclear medicine or SPECT
    PD proton-density-weighted MR
    PERFUSION perfusion by MR or CT
    PET PET, attenuation correction not stated
    PET_AC PET, corrected for attenuation
    PET_NAC PET, not corrected for attenuation
    PLAN plan of radiotherapy
    RAW raw data, not an image
    REPORT report or measurements
    SECONDARY_CAPTURE picture stored as such: a screen, a page, a scan of film
    SEG segmentation or mask
    SLIDE picture of a slide
    STRUCTURE_SET contours of radiotherapy
    SWI susceptibility-weighted or T2*-weighted MR
    T1 T1-weighted MR, contrast not stated or before it
    T1_CONTRAST T1-weighted MR after contrast
    T2 T2-weighted MR, STIR included
    TOMO slices of breast tomosynthesis
    TOMO_PROJECTION projections from which tomosynthesis is computed
    US ultrasound
    XRAY radiograph
"""
"""Code and what it stands for."""

_SNOMED = """
    ABDOMEN=818981001 ABDOMENPELVIS=818982008 ADRENAL=23451007 ANKLE=70258002 AORTA=15825003 AXILLA=91470000
    BACK=77568009 BLADDER=89837001 BRAIN=12738006 BREAST=76752008 BRONCHUS=955009 CAROTID=69105007
    CEREBELLUM=113305005 CERVIX=71252005 CHEST=816094009 CHESTABDOMEN=416550000 CHESTABDPELVIS=416775004 CLAVICLE=51299004
    COCCYX=64688005 COLON=71854001 CSPINE=122494005 CTSPINE=1217257000 DUODENUM=38848004 EAR=117590005
    ELBOW=16953009 ESOPHAGUS=32849002 EXTREMITY=66019005 EYE=81745001 FACE=89545001 FEMORALA=7657000
    FEMUR=71341001 FINGER=7569003 FOOT=56459004 FOREARM=14975008 GALLBLADDER=28231008 HAND=85562004
    HEAD=69536005 HEADNECK=774007 HEART=80891009 HIP=29836001 HUMERUS=85050009 IAC=361078006
    ILEUM=34516001 JAW=661005 KIDNEY=64033007 KNEE=72696002 LARYNX=4596009 LIVER=10200004 LOWERLIMB=61685007
    LSPINE=122496007 LSSPINE=1217253001 LUNG=39607008 MAXILLA=70925003 MEDIASTINUM=72410000 MOUTH=123851003
    NECK=45048000 NECKCHEST=417437006 NECKCHESTABDOMEN=416152001 NECKCHESTABDPELV=416319003 NOSE=45206002 OPTICCANAL=55024004
    ORBIT=363654007 OVARY=15497006 PANCREAS=15776009 PARATHYROID=111002 PAROTID=45289007 PELVIS=816092008
    PENIS=18911002 PHARYNX=54066008 PROSTATE=41216001 RECTUM=34402009 RIB=113197003 SCALP=41695006
    SCAPULA=79601000 SCROTUM=20233005 SHOULDER=16982005 SKULL=89546000 SPINE=421060004 SPLEEN=78961009
    STERNUM=56873002 STOMACH=69695003 TESTIS=40689003 THIGH=68367000 THYMUS=9875009 THYROID=69748006
    TLSPINE=1217256009 TOE=29707007 TONGUE=21974007 TRACHEA=44567001 TSPINE=122495006 UPPERLIMB=53120007
    URETER=87953007 URETHRA=13648007 UTERUS=35039007 VULVA=45292006 WHOLEBODY=38266002 WRIST=74670003
    ZYGOMA=13881006
"""

BODY_PART_IDENTIFIERS = {code: f"SCT:{number}" for code, number in (pair.split("=") for pair in _SNOMED.split())}
"""Body part to its SNOMED CT identifier.

The identifiers are those that DICOM PS3.16 CID 4 (Anatomic Region), CID 4030 (CT, MR and PET Anatomy Imaged) and CID 4031
(Common Anatomic Region) list; they are opaque here: no text of SNOMED CT is kept.  A body part that these lists do not name has none.
"""
