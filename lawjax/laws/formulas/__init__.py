"""Laws written as text: what may be written (`syntax`), its dimensions (`units`), and the law (`formula`)."""
