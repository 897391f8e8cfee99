//! Mail adapter of webchat: settles mail obligations over SMTP.
