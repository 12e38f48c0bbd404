print("zuruf")
