import bpy

wishes = (getattr(bpy.context, "sequencer_scene", None) or bpy.context.scene).sonique

wishes.prompt = "driving, tense, hits on the cuts"
wishes.genres = "cinematic"
wishes.moods = ""
wishes.instruments = ""
wishes.negatives = ""
wishes.bpm = 0.0
wishes.key = ""
wishes.hit_strength = 1.0
wishes.loudness = -18.0
wishes.ducking = False
wishes.stems = False
wishes.fade_in = 0
wishes.fade_out = 0
