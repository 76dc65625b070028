"""ZSE-SBIR: retrieval of unseen categories by the patches of a sketch and a photo that meet."""
