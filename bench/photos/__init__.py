"""When is a photograph called blurred or dark: known blur and known darkness, judged by the pages' own script."""
