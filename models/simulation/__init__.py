"""A simulated city: hidden health of village teams, and the events that follow from it. Parameters are data."""

from models.simulation.aliases import administrator_alias, centre_alias, informant_alias, station_alias
from models.simulation.county import SimulatedCounty, simulate, simulate_county, simulation_start
from models.simulation.parameters import Parameters, default_parameters, load_parameters

__all__ = [
    "Parameters",
    "SimulatedCounty",
    "administrator_alias",
    "centre_alias",
    "default_parameters",
    "informant_alias",
    "load_parameters",
    "simulate",
    "simulate_county",
    "simulation_start",
    "station_alias",
]
