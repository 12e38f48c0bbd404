print("zurufd")
