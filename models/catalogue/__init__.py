"""The indicator catalogue (指标体系): 5 categories, 30 items, 90 indicators, as data that an office can edit."""

from models.catalogue.edition import (
    KIND_CASES,
    KIND_LAST_DATE,
    KIND_NUMBER,
    KIND_START_DATE,
    KIND_YESNO,
    Catalogue,
    Rules,
)
from models.catalogue.indicators import Category, Department, Indicator, Item
from models.catalogue.loading import CatalogueError, default_catalogue, load_catalogue
from models.catalogue.readings import ReadingError, encode_reading

__all__ = [
    "KIND_CASES",
    "KIND_LAST_DATE",
    "KIND_NUMBER",
    "KIND_START_DATE",
    "KIND_YESNO",
    "Catalogue",
    "CatalogueError",
    "Category",
    "Department",
    "Indicator",
    "Item",
    "ReadingError",
    "Rules",
    "default_catalogue",
    "encode_reading",
    "load_catalogue",
]
