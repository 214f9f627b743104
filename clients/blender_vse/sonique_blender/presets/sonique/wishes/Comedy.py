import bpy

wishes = (getattr(bpy.context, "sequencer_scene", None) or bpy.context.scene).sonique

wishes.prompt = "light, pizzicato, playful"
wishes.genres = "comedy"
wishes.moods = ""
wishes.instruments = ""
wishes.negatives = ""
wishes.bpm = 0.0
wishes.key = ""
wishes.hit_strength = 0.7
wishes.loudness = -20.0
wishes.ducking = False
wishes.stems = False
wishes.fade_in = 0
wishes.fade_out = 0
