"""A store for assistants: a server of the Model Context Protocol (https://modelcontextprotocol.io), read only.

Every answer has the states of the days that it rests on, so that "no paper" and "nobody looked" are two answers.
"""
