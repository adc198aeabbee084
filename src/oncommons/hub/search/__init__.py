"""Cohort questions: asked, waited for, combined."""
