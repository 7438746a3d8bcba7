"""What an environment of Gymnasium owes whoever steps in it. It imports the contract and nothing else of ours."""
