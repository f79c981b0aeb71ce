"""Who people are: how to reach them, of which lines they are agents, and what the company's directory tells."""
