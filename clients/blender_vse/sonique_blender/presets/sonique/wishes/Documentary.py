import bpy

wishes = (getattr(bpy.context, "sequencer_scene", None) or bpy.context.scene).sonique

wishes.prompt = "warm, sparse, never in the way"
wishes.genres = "acoustic"
wishes.moods = ""
wishes.instruments = ""
wishes.negatives = ""
wishes.bpm = 0.0
wishes.key = ""
wishes.hit_strength = 0.3
wishes.loudness = -24.0
wishes.ducking = True
wishes.stems = False
wishes.fade_in = 0
wishes.fade_out = 0
