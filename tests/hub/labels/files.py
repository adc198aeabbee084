"""Files of labels in the shapes that people have; every text in them is made up."""

CSV = """code,label,language,system
C34,"Wort, das keiner kennt",de,ICD10
C34.1,Unterwort,de,ICD10
C34,Word that nobody knows,en,ICD10
8070/3,Zellwort,de,ICDO3
"""

BFARM = """3;N;X;02;C30;C34.-;C34;C34;Wort der Lunge;Wort der Lunge;;;V;V;1-028;2-034;3-029;4-027;030;9;9;9999;9999;9;N;J;N;N
4;T;X;02;C30;C34.0;C34.0;C340;Wort der Lunge: Anfang;Wort der Lunge;Anfang;;P;P;1-028;2-034;3-029;4-027;030;9;9;9999;9999;9;N;J;N;N
5;T;X;02;C91;C91.00;C91.00;C9100;Blutwort: nicht weg;Blutwort;nicht;weg;P;P;1-045;2-051;3-038;4-042;040;9;9;9999;9999;9;N;J;N;N
4;T;X;01;A15;A17.0+;A17.0;A170;Kreuzwort;Haubenwort;Kreuzwort;;P;P;1-005;2-003;3-003;4-003;005;9;9;9999;9999;9;N;J;N;N
"""
"""In the columns of ``icd10gm…syst_kodes.txt`` as its readme describes them."""

CLAML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0">
  <Meta name="lang" value="fr"/>
  <Identifier authority="WHO" uid="icd10_2099"/>
  <Title date="2099-01-01" name="ICD-10-XX" version="2099">Une liste</Title>
  <Class code="II" kind="chapter"><Rubric kind="preferred"><Label>Chapitre</Label></Rubric></Class>
  <Class code="C30-C39" kind="block"><Rubric kind="preferred"><Label>Groupe</Label></Rubric></Class>
  <Class code="C34" kind="category">
    <Meta name="lang" value="xx"/>
    <SuperClass code="C30-C39"/><SubClass code="C34.0"/>
    <Rubric kind="preferred"><Label xml:lang="fr">Mot du &amp; poumon <Reference code="C30">(C30)</Reference></Label></Rubric>
    <Rubric kind="inclusion"><Label xml:lang="fr"><Fragment>Autre</Fragment> <Fragment>mot</Fragment></Label></Rubric>
    <Rubric kind="exclusion"><Label xml:lang="fr">Exclu</Label></Rubric>
  </Class>
  <Class code="C34.0" kind="category"><Rubric kind="preferred"><Label>Mot
     plus bas</Label></Rubric></Class>
  <ModifierClass code="0" modifier="S02"><Rubric kind="preferred"><Label>Modifie</Label></Rubric></ModifierClass>
</ClaML>
"""

MORPHOLOGY = (
    "Code\tStruct\tLabel\n8070/3\ttitle\tWord of cells\n8070/3\tsub\tOther word of cells\n80\tgroup\tNot a code\n"
)
TOPOGRAPHY = "Kode\tLvl\tTitle\nC34\t3\tWORD OF PLACE\nC34.1\t4\tLower word\nC34.1\tincl\tOther lower word\n"
IACR = """ICD-O-3.2 made for a test;;
;;
ICDO3.2;Level;Term
800;1;Group of words
8070/3;Preferred;Word of cells
8070/3;Synonym;Other word of cells
8070/3;Related;Word nearby
"""
