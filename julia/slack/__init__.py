"""The operators' console in Slack: commands, confirmations and buttons, for those who may and nobody else.

A request's way: `views` checks the signature and reads it (`payloads`), `acknowledgment` answers within Slack's three
seconds whatever the database does, `dispatch` asks who it is (`permissions`), what is meant (`commands`), whether it is
the first time (`replay`) and whether it is sure (`confirmations`), and `actions` makes the one call that does it.
"""
