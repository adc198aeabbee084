"""Code lists: which values a coded field may take, with their labels and the page they come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.schema.codelist import Vocabulary, labels
from oncommons.schema.describing import DESCRIPTION
from oncommons.schema.image_codes import BODY_PART_IDENTIFIERS, SERIES_CLASSES
from oncommons.schema.oncology import CLINICAL

SEX = Vocabulary(
    name="sex",
    source="DICOM PS3.3 C.7.1.1, Patient's Sex (0010,0040)",
    codes=labels("""
        F female
        M male
        O other
    """),
    example="F",
)

MODALITY = Vocabulary(
    name="modality",
    source="DICOM PS3.3 C.7.3.1.1.1, Modality (0008,0060)",
    codes=labels("""
        ANN annotation
        AR autorefraction
        ASMT content assessment
        AU audio
        BDUS bone densitometry by ultrasound
        BI biomagnetic imaging
        BMD bone densitometry by X-ray
        CFM confocal microscopy
        CR computed radiography
        CT computed tomography
        CTPROTOCOL CT protocol
        DG diaphanography
        DMS dermoscopy
        DOC document
        DX digital radiography
        ECG electrocardiography
        EEG electroencephalography
        EMG electromyography
        EOG electrooculography
        EPS cardiac electrophysiology
        ES endoscopy
        FID fiducials
        GM general microscopy
        HC hard copy
        HD haemodynamic waveform
        IO intra-oral radiography
        IOL intraocular lens data
        IVOCT intravascular optical coherence tomography
        IVUS intravascular ultrasound
        KER keratometry
        KO key object selection
        LEN lensometry
        LS laser surface scan
        M3D model for 3D manufacturing
        MG mammography
        MR magnetic resonance
        NM nuclear medicine
        OAM ophthalmic axial measurements
        OCT optical coherence tomography
        OP ophthalmic photography
        OPM ophthalmic mapping
        OPT ophthalmic tomography
        OPTBSV ophthalmic tomography B-scan volume
        OPTENF ophthalmic tomography en face
        OPV ophthalmic visual field
        OSS optical surface scan
        OT other
        PA photoacoustic
        PLAN plan
        POS position sensor
        PR presentation state
        PT positron emission tomography
        PX panoramic X-ray
        REG registration
        RESP respiratory waveform
        RF radio fluoroscopy
        RG radiographic imaging on film or screen
        RTDOSE radiotherapy dose
        RTIMAGE radiotherapy image
        RTINTENT radiotherapy intent
        RTPLAN radiotherapy plan
        RTRAD radiotherapy radiation
        RTRECORD radiotherapy treatment record
        RTSEGANN radiotherapy segment annotation
        RTSTRUCT radiotherapy structure set
        RWV real world value map
        SEG segmentation
        SM slide microscopy
        SMR stereometric relationship
        SR structured report
        SRF subjective refraction
        STAIN automated slide stainer
        TEXTUREMAP texture map
        TG thermography
        US ultrasound
        VA visual acuity
        XA X-ray angiography
        XAPROTOCOL XA protocol
        XC external-camera photography
    """),
    example="MR",
)

BODY_PART = Vocabulary(
    name="body_part",
    source="DICOM PS3.16 Annex L, Body Part Examined (0018,0015)",
    codes=labels("""
        ABDOMEN abdomen
        ABDOMENPELVIS abdomen and pelvis
        ADRENAL adrenal gland
        ANKLE ankle
        AORTA aorta
        ARM arm
        AXILLA axilla
        BACK back
        BLADDER urinary bladder
        BONYPELVIS bony pelvis
        BRAIN brain
        BREAST breast
        BRONCHUS bronchus
        CALF calf
        CAROTID carotid artery
        CEREBELLUM cerebellum
        CERVIX uterine cervix
        CHEST chest
        CHESTABDOMEN chest and abdomen
        CHESTABDPELVIS chest, abdomen and pelvis
        CLAVICLE clavicle
        COCCYX coccyx
        COLON colon
        CSPINE cervical spine
        CTSPINE cervico-thoracic spine
        DUODENUM duodenum
        EAR ear
        ELBOW elbow
        ESOPHAGUS oesophagus
        EXTREMITY extremity
        EYE eye
        FACE face
        FEMORALA femoral artery
        FEMUR femur
        FINGER finger
        FOOT foot
        FOREARM forearm
        GALLBLADDER gallbladder
        HAND hand
        HEAD head
        HEADNECK head and neck
        HEART heart
        HIP hip
        HUMERUS humerus
        IAC internal auditory canal
        ILEUM ileum
        JAW jaw
        KIDNEY kidney
        KNEE knee
        LARYNX larynx
        LEG leg
        LIVER liver
        LOWERLIMB lower limb
        LSPINE lumbar spine
        LSSPINE lumbo-sacral spine
        LUNG lung
        MAXILLA maxilla
        MEDIASTINUM mediastinum
        MOUTH mouth
        NECK neck
        NECKCHEST neck and chest
        NECKCHESTABDOMEN neck, chest and abdomen
        NECKCHESTABDPELV neck, chest, abdomen and pelvis
        NOSE nose
        OPTICCANAL optic canal
        ORBIT orbit
        OVARY ovary
        PANCREAS pancreas
        PARATHYROID parathyroid gland
        PAROTID parotid gland
        PELVIS pelvis
        PENIS penis
        PHARYNX pharynx
        PLACENTA placenta
        PROSTATE prostate
        RECTUM rectum
        RIB rib
        SCALP scalp
        SCAPULA scapula
        SCROTUM scrotum
        SHOULDER shoulder
        SKULL skull
        SPINE spine
        SPLEEN spleen
        SSPINE sacral spine
        STERNUM sternum
        STOMACH stomach
        TESTIS testis
        THIGH thigh
        THYMUS thymus
        THYROID thyroid
        TIBIA tibia
        TLSPINE thoraco-lumbar spine
        TOE toe
        TONGUE tongue
        TRACHEA trachea
        TSPINE thoracic spine
        UPPERLIMB upper limb
        URETER ureter
        URETHRA urethra
        UTERUS uterus
        VAGINA vagina
        VULVA vulva
        WHOLEBODY whole body
        WRIST wrist
        ZYGOMA zygoma
    """),
    example="BREAST",
    identifiers=MappingProxyType(BODY_PART_IDENTIFIERS),
)

MANUFACTURER = Vocabulary(
    name="manufacturer",
    source="oncommons: makers of equipment and of software that make images; spellings of DICOM PS3.3 C.7.5.1, "
    "Manufacturer (0008,0070), are folded into one code",
    codes=labels("""
        AGFA Agfa
        BNI BNI Translational BioImaging
        CANON Canon Medical, Toshiba Medical and Vital Images
        CARESTREAM Carestream, Kodak and Lumisys
        CONFIRMA Confirma
        EIGEN Eigen
        ELEKTA Elekta and CMS
        FUJIFILM Fujifilm and SonoSite
        GE GE HealthCare and Imatron
        HAMAMATSU Hamamatsu
        HITACHI Hitachi
        HOLOGIC Hologic, Lorad and Direct Radiography
        KONICA Konica Minolta
        LEICA Leica Biosystems
        MERGE Merge Healthcare
        NEUSOFT Neusoft
        PHILIPS Philips, ADAC and Picker
        PIXELMED PixelMed
        RIVERAIN Riverain
        SAMSUNG Samsung
        SIEMENS Siemens Healthineers, CTI, CPS and Acuson
        UIH United Imaging
        VARIAN Varian
        VICTRE VICTRE, simulated images of the FDA
        ZEISS Zeiss and 3DHistech Mirax
    """),
    example="SIEMENS",
)

MODEL = Vocabulary(
    name="model",
    source="oncommons: Manufacturer's Model Name (0008,1090) in capital letters, every run of characters that are no "
    "letters, digits, + or . written as _",
    pattern=r"[A-Z0-9+.]+(_[A-Z0-9+.]+)*",
    example="MAGNETOM_VIDA",
)

LATERALITY = Vocabulary(
    name="laterality",
    source="DICOM PS3.3 C.7.3.1.1.1, Laterality (0020,0060), and C.8.11.7.1, Image Laterality (0020,0062)",
    codes=labels("""
        B both sides
        L left
        R right
        U unpaired
    """),
    example="L",
)

CONTRAST = Vocabulary(
    name="contrast",
    source="oncommons: whether a contrast agent had been given when the images were made; "
    "DICOM PS3.3 C.7.6.4, Contrast/Bolus Agent (0018,0010)",
    codes=labels("""
        NO no contrast agent given
        YES contrast agent given
    """),
    example="YES",
)

SERIES_CLASS = Vocabulary(
    name="series_class",
    source="oncommons: what a series is, in the words of those who read images",
    codes=labels(SERIES_CLASSES),
    example="DWI",
)

VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {
        v.name: v
        for v in (
            SEX,
            MODALITY,
            BODY_PART,
            MANUFACTURER,
            MODEL,
            LATERALITY,
            CONTRAST,
            SERIES_CLASS,
            DESCRIPTION,
            *CLINICAL,
        )
    },
)
