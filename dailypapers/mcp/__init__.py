"""A store for assistants: a server of the Model Context Protocol (https://modelcontextprotocol.io), read only.

Every answer has the states of the days that it is based on, so that "no paper" and "not fetched" are different answers.
"""
