"""The pages: complaining and following (`person`), looking into it (`desk`, `acts`)."""
