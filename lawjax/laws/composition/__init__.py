"""Laws made of laws: sums, products, substitutions and chains (`compose`), links (`linking`), other names, ties and
held parameters (`variants`); `making` holds what they share."""
