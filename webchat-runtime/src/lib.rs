//! Ports and the driver that runs webchat-core: mailbox, engine, journal, answers and effects.
