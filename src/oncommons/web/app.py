"""Placeholder until the pages land."""

from starlette.applications import Starlette


def make_pages(connection, version):
    return Starlette()
