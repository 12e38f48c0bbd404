print("zuruf-inspect")
