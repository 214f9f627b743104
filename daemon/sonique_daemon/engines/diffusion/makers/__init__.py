"""Makers: Stable Audio 3 as its makers publish it, brought into the layout of diffusers, number for number."""
