"""Run as a script of its own: enables Sonique, orders music, and ends as Blender ends, without a word to Sonique."""

import sys

import bpy
from sonique_blender import state

sys.path.insert(0, sys.argv[1])

from tests.blender.inside.operating import enabled, film_scene, pumped, without_waiting

enabled()
jobs = without_waiting(film_scene(sys.argv[2]), 3, prompt="calm")
pumped(lambda: all(job.sent for job in jobs))
assert bpy.app.timers.is_registered(state._pump)
sys.stdout.write("leaving\n")
