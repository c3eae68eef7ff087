"""The pages: asking (`journey`), following (`status`), answering (`desk`, `case`, `rows`)."""
