"""DNA profiles: the tasks, their data and the exact rule. Simulated people, no relatives."""
