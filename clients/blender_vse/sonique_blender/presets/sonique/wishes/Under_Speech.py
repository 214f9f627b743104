import bpy

wishes = (getattr(bpy.context, "sequencer_scene", None) or bpy.context.scene).sonique

wishes.prompt = "soft pads, no drums, no melody"
wishes.genres = "ambient"
wishes.moods = ""
wishes.instruments = ""
wishes.negatives = "drums"
wishes.bpm = 0.0
wishes.key = ""
wishes.hit_strength = 0.2
wishes.loudness = -26.0
wishes.ducking = True
wishes.stems = False
wishes.fade_in = 0
wishes.fade_out = 0
