"""How the secretariat runs a round: the round itself, its questions, its invitations."""
