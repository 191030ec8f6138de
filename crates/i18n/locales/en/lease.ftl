# What can be wrong with an interval or a stored lease.

interval-malformed = “{ $text }” isn’t an interval.
    .action = Write a whole number and a unit, such as 15m, 12h, 30d, 2w, 1mo or 1y.
interval-out_of_range = The interval “{ $text }” is out of range.
    .action = Choose something between one minute and a thousand years.
interval-calendar = The end would lie beyond the year 9999.
    .action = Choose a shorter interval.
lease-altered = The stored licence was altered ({ $reason }).
    .action = Make a new request and activate again.
lease-other_seat = The stored licence is put together from two seats.
    .action = Make a new request and activate again.
lease-traits_altered = The stored description of this computer was altered.
    .action = Make a new request and activate again.
