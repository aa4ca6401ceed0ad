"""Life-cycle cost: from dated costs and quantities to a decision; tenders and their annex."""
