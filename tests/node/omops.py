"""A small OMOP database, in SQL that DuckDB and PostgreSQL both read."""

from oncommons.schema.omop import OPERATORS

STATEMENTS = (
    (
        "CREATE TABLE {s}person (person_id INTEGER, gender_concept_id INTEGER, year_of_birth INTEGER, month_of_birth INTEGER,"
        " day_of_birth INTEGER, birth_datetime TIMESTAMP, person_source_value VARCHAR(50), gender_source_value VARCHAR(50))"
    ),
    (
        "INSERT INTO {s}person VALUES (1, 8532, 1950, 2, 1, '1950-02-01', '4711', 'w'),"
        " (2, 0, 1960, NULL, NULL, NULL, '4712', 'male'), (3, 8507, 1970, NULL, NULL, NULL, NULL, NULL)"
    ),
    (
        "CREATE TABLE {s}condition_occurrence (condition_occurrence_id INTEGER, person_id INTEGER,"
        " condition_concept_id INTEGER, condition_start_date DATE, condition_source_value VARCHAR(50),"
        " condition_source_concept_id INTEGER)"
    ),
    (
        "INSERT INTO {s}condition_occurrence VALUES (10, 1, 900, '2020-01-31', 'Mamma-Ca', 901),"
        " (11, 2, 0, '2021-05-06', 'C34.1', 0), (12, 3, 902, '2021-05-06', 'x', 0), (13, 99, 0, '2021-05-06', 'C34.1', 0)"
    ),
    (
        "CREATE TABLE {s}measurement (measurement_id INTEGER, person_id INTEGER, measurement_concept_id INTEGER,"
        " measurement_date DATE, operator_concept_id INTEGER, value_as_number NUMERIC, value_as_concept_id INTEGER,"
        " unit_concept_id INTEGER, unit_source_value VARCHAR(50), measurement_source_value VARCHAR(50),"
        " measurement_event_id INTEGER, meas_event_field_concept_id INTEGER)"
    ),
    (
        "INSERT INTO {s}measurement VALUES (20, 1, 903, '2020-02-10', NULL, 4500.25, NULL, 904, 'x', 'PSA', NULL, NULL),"
        f" (21, 1, 903, '2020-02-10', {OPERATORS['<']}, 4, NULL, 904, 'x', 'PSA', NULL, NULL),"
        " (22, 1, 0, '2020-02-10', NULL, NULL, 9191, NULL, NULL, 'ER', NULL, NULL),"
        " (23, 1, 0, '2020-02-10', NULL, 12345678.125, NULL, NULL, 'm', 'heart rate', NULL, NULL)"
    ),
    (
        "CREATE TABLE {s}drug_exposure (drug_exposure_id INTEGER, person_id INTEGER, drug_concept_id INTEGER,"
        " drug_exposure_start_date DATE)"
    ),
    "INSERT INTO {s}drug_exposure VALUES (30, 1, 905, '2020-03-01')",
    "CREATE TABLE {s}death (person_id INTEGER, death_date DATE)",
    "INSERT INTO {s}death VALUES (2, '2022-05-06')",
    (
        "CREATE TABLE {s}concept (concept_id INTEGER, concept_name VARCHAR(255), vocabulary_id VARCHAR(20),"
        " concept_code VARCHAR(50))"
    ),
    (
        "INSERT INTO {s}concept VALUES (900, 'a', 'SNOMED', '254837009'), (901, 'b', 'ICDO3', '8520/3-C50.4'),"
        " (902, 'c', 'SNOMED', '73211009'), (903, 'd', 'LOINC', '2857-1'), (904, 'e', 'UCUM', 'ng/L'),"
        " (905, 'f', 'ATC', 'L02BA01')"
    ),
)


def statements(schema=""):
    """What makes the database."""
    return [text.format(s=f"{schema}." if schema else "") for text in STATEMENTS]
