"""How somebody who came by letter, by telephone or in person is reached again, and the letters we write to them."""
