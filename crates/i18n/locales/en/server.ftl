# The vendor's command line: its own errors first, then what it says when all is well.

usage-invalid = { $reason }
    .action = “latchkey-server --help” lists the commands.
usage-key_value = “{ $text }” isn’t of the form KEY=VALUE.
    .action = Write a key, “=” and a value, without spaces around the “=”.
usage-feature_type = “{ $text }” isn’t a type of feature.
    .action = Write bool (included or not), pool (a number at a time) or count (a total number).
usage-time = “{ $text }” isn’t a time that can be used.
    .action = Write a day like 2027-12-31, which counts to its end in UTC, a moment like 2027-12-31T12:00:00Z, or an interval from now like 1y; no later than { $latest }. Without an end, leave the option out or write “none”.
usage-url = “{ $text }” can’t be the portal’s address: { $fault ->
        [scheme] it doesn’t begin with https:// or http://
        [length] it is longer than { $limit } bytes, and QR codes don’t carry more
        [character] it contains a space or another character that addresses can’t contain
        [not_ascii] it has letters beyond ASCII
        [user] it contains a user name or a password, which every customer would get
        [query] it contains “?” or “#”, and links into the portal are appended to it
        [host] its host name or port is invalid
        [path] its path has an empty part, “.”, “..” or a stray “%”
        [own_page] its path begins like one of the portal’s own pages
       *[other] links can’t be made from it
    }.
    .action = Write the whole address of the portal, such as https://licence.example.com or https://example.com/licence. A name like bücher.example has another form, which begins with xn--.
usage-count = “{ $text }” isn’t a number.
    .action = Write a whole number, such as 3.
usage-request_every = “{ $text }” can’t be a number of renewals.
    .action = Write a whole number from 1, such as 3; “none” removes the policy.
input-not_read = { $file } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
        [no_name] no file has such a name
        [closed] it is closed
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [in_use] Close the other program, and try again.
       *[other] Name a file that exists and that you may read. The text with the tokens may also come on standard input.
    }
input-too_large = The input is larger than { $limit } bytes, and no more is read.
    .action = Split it into several files and hand them in one after the other.
server-standard-input = Standard input
input-no_code = There was no activation code on standard input.
    .action = Give the code on one line.
input-passphrases_differ = The two passphrases that were typed differ.
    .action = Try again. Nothing has changed.
input-no_passphrase = There is no passphrase on the first line.
    .action = Write the passphrase into the first line of the file, or give it on standard input.
input-passphrase_not_given = No passphrase was given.
    .action = Type it and press Enter, or write it into a file and name the file. It can’t be empty.
input-passphrase_not_text = The passphrase isn’t text in UTF-8 or UTF-16.
    .action = Choose the file with the passphrase. If this is it, save it as UTF-8, so that the passphrase can be typed elsewhere as well.
input-passphrase_signs = The passphrase has a control character in it, like an arrow key’s.
    .action = Enter it again without that character. Nothing has changed.
output-not_written = The answer can’t be written to standard { $stream ->
        [error] error
       *[output] output
    }: { $reason ->
        [closed] it is closed
        [full] the disk is full
       *[other] the system refused
    }.
    .action = What was done is kept. Hand the same tokens in again to get the same answers. What was added is in the lists, such as “latchkey-server entitlement list”: don’t add it again.
takeover-one_request = --take-over and --code are for one request, and this text has { $count }.
    .action = Hand in only that request.
kit-not_written = { $path } can’t be written: { $reason ->
        [permission] you aren’t allowed to
        [read_only] the disk is read-only
        [full] the disk is full
        [exists] a file is in the way
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [in_use] Close the other program, and try again.
       *[other] Choose another folder, or make room or give permission.
    }
kit-config_differs = { $path } already exists, with other content.
    .action = Keep your changes: choose another folder and compare the two. Or move the file away and try again.
package-section_missing = { $path } doesn’t exist. A package needs it beside latchkey.toml.
    .action = Write it: docs/packaging.md has an example.
package-section = package.toml has an error in line { $line }. The parser says: “{ $reason }”
    .action = Correct it: docs/packaging.md lists the fields.
package-value = In the kit, “{ $found }” isn’t a valid value of “{ $field }”.
    .action = Correct it: docs/packaging.md lists the valid values of each field.
package-removal = package.toml says that the licence is returned when the package is removed, but the licences of this product belong to users. A package for Linux can’t reach those.
    .action = Remove “on_removal”, or write the kit with --scope machine.
package-not_read = { $path } can’t be read: { $reason ->
        [missing] it doesn’t exist
        [permission] you aren’t allowed to
        [folder] it is a folder
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [in_use] Close the other program, and try again.
       *[other] Check the path, and that you may read it.
    }
package-too_large = { $file } is too large.
    .action = Use a smaller one. If it comes from a release, get it again.
package-picture = { $path } is neither an SVG nor a PNG picture.
    .action = Save the picture as SVG or PNG.
package-icon_not_drawn = The icon { $path } can’t be drawn: { $reason }
    .action = Open it in a graphics editor and save it again, as a plain SVG picture or as PNG.
package-icon_element = The icon { $path } contains “{ $element }”, which isn’t drawn here.
    .action = Convert text to paths and pictures to shapes in the graphics editor, or save the icon as PNG.
package-icon_size = The icon { $path } has { $width } by { $height } pixels.
    .action = Save it with 256 to 2048 pixels on the longer side, or as SVG. With 1024 pixels nothing is enlarged.
package-resources = The version and the icon of { $program } can’t be replaced: { $reason }
    .action = Get the archives of the release again. Nothing was written.
package-no_archive = There is no archive of a release in { $path }.
    .action = Put the archives of one release there, such as latchkey-1.0.0-linux-x86_64.tar.gz, with SHA256SUMS.
package-not_listed = { $file } isn’t listed in SHA256SUMS beside it, or that file is missing.
    .action = Get SHA256SUMS and the archives of the same release again.
package-altered = { $file } isn’t the file that SHA256SUMS lists. It was damaged or altered.
    .action = Get it again, and don’t use this one.
package-signature = SHA256SUMS isn’t signed with the given key: SHA256SUMS.minisig is missing, or is the signature of another key or another file.
    .action = Get both files again, and get the key from another source. Don’t use these archives.
package-release_key = This isn’t a minisign public key.
    .action = Use the publisher’s file that ends in .pub.
package-archive = { $file } can’t be used: { $reason ->
        [too_large] it is larger than any release
        [foreign] “{ $found }” doesn’t belong in it
        [line] its line { $found } isn’t a digest followed by a name
       *[damaged] it is damaged or incomplete
    }.
    .action = Get it again, and don’t use this one.
package-incomplete = { $file } lacks { $lacks }.
    .action = Use an archive that contains the wizard, the command line and the licences.
package-no_wizard = { $file } has no wizard, so there is no package for its platform.
    .action = Use an archive with the wizard, or do without this platform.
package-unsigned = The origin of the archives wasn’t checked: SHA256SUMS only shows that they belong together.
    .action = Add --release-key with the publisher’s public key, and get it from another source than the archives.
package-no_makensis = The installer for Windows is made by the program makensis, which can’t be found.
    .action = Install NSIS 3 (Debian: apt-get install nsis) so that makensis is found in PATH, or add --no-installer to make the other packages. Nothing was written.
package-installer = makensis couldn’t create the installer for Windows. It reported: “{ $reason }”
    .action = Check that makensis is from NSIS 3 and that there is room for temporary files, or add --no-installer to make the other packages. Nothing was written.
package-webview2 = { $path } is neither an installer of the WebView2 runtime nor the folder of a fixed version.
    .action = Name Microsoft’s standalone installer (.exe), or the unpacked folder with msedgewebview2.exe in it.
package-no_osslsigncode = The programs for Windows are signed by the program osslsigncode, which can’t be found.
    .action = Install it (Debian: apt-get install osslsigncode) so that it is found in PATH, or name no certificate. Nothing was written.
package-not_signed = osslsigncode couldn’t sign { $file }. It reported: “{ $reason }”
    .action = Check the certificate (a .p12 or .pfx file with its key), the file with its passphrase, and the time-stamping service. Nothing was written.
package-no_certificate = There is a passphrase for a certificate, but no certificate.
    .action = Name it with --certificate, or in package.toml.
package-untranslated = package.toml has no “{ $field }” in the language “{ $language }”, which the product is offered in. The English text is used.
    .action = Add it, or remove the language from “languages” in latchkey.toml.
package-never_run = The programs in { $file } were compiled and linked, but have never been run.
    .action = Try them on a computer of that kind before you give them to customers.
package-several = { $first } and { $second } are for the same platform.
    .action = Keep the archives of one release there, and move the others away.
package-wrong_architecture = { $program } in { $file } was built for another platform.
    .action = Get the archive again, and don’t use this one.
package-exists = { $path } already exists.
    .action = Choose another folder, move the file away, or raise the version in package.toml.
package-not_written = { $path } can’t be written: { $reason ->
        [permission] you aren’t allowed to
        [read_only] the disk is read-only
        [full] the disk is full
        [exists] a file is in the way
        [in_use] another program is using it
       *[other] the system refused
    }.
    .action = { $reason ->
        [in_use] Close the other program, and try again. Nothing was written.
       *[other] Choose another folder, or make room or give permission. Nothing was written.
    }
system-clock = This machine’s clock shows a time that can’t be used.
    .action = Set the clock.
system-interrupted = The work was interrupted.
    .action = Hand in the same tokens again: what was granted is kept.
serve-not_listening = Can’t listen on { $address }: { $reason ->
        [in_use] another program already uses it
        [permission] you aren’t allowed to
        [not_here] this machine doesn’t have the address
        [empty] it is empty
        [link] it’s a link, and not an address
        [port] its port must be a number from 0 to 65535
        [unknown] it is neither an address of this machine nor a name that it can resolve
       *[other] the system refused
    }.
    .action = Choose another one with --listen: an address and a port like 127.0.0.1:8080, [::1]:8080 or localhost:8080, or a port alone.
look-invalid = { $path } can’t be used: { $field ->
        [toml] it isn’t TOML in UTF-8
        [size] it is too large
        [accent] “look.accent” must be # and six hex digits
        [logo] “look.logo” must be the name of an SVG or PNG file beside it
        [languages] “look.languages” must be a list of languages
       *[other] “{ $field }” must be text that isn’t empty
    }.
    .action = Correct the file, or leave out --look.
activation_code-weak = The activation code { $code } has { $symbols ->
        [one] one symbol
       *[other] only { $symbols } symbols
    }. Short codes can be guessed.
    .action = Leave --code out to get one that is generated, or choose a longer one.
entitlement-past_end = The subscription end, { $end }, has passed. Nothing is granted from this entitlement.
    .action = If you meant another day, set it: “latchkey-server entitlement set”.

server-ask-code = Activation code:
server-ask-passphrase = Passphrase (it isn’t shown):
server-ask-passphrase-again = Once more:
server-paste = Paste the text with the tokens, then press { $system ->
        [windows] Ctrl-Z and Enter
       *[other] Ctrl-D
    } on a line of its own.
server-cut-line = One line of the text has exactly { $characters } characters. That is where a terminal cuts a long line that is pasted into it. Have the text copied again and paste it once “latchkey-server” asks for it, or save it as a file with an editor.
server-token-number = Token { $number }:
server-token-number-named = Token { $number }, “{ $name }”:
server-token-summary = { $done } done, { $refused } refused.
server-sentence = { $sentence }
server-warning = Warning: { $message } { $action }
server-error-next = → { $action }

server-init = The vendor “{ $name }” is set up in { $folder }.
    Vendor id   { $id }
    Active key  { $active }
    Spare key   { $spare }
server-init-next = Keep a backup of this folder: “latchkey-server backup” makes one. The spare key, { $file }, is best moved to a medium that you lock away: it is only needed when the active key is lost or stolen. To put the backup back, stop the portal, move the old folder away and use “latchkey-server restore --from”. Don’t copy over it: an older database in the same file isn’t noticed, and its tokens may carry numbers that were assigned before.
server-product-added = Product { $product }, “{ $name }”, was added.
server-entitlement-added = Entitlement { $entitlement } was added for product { $product }.
server-entitlement-changed = Entitlement { $entitlement } was changed.
server-entitlement-ended = Entitlement { $entitlement } has ended. Leases that were granted run out by themselves; none is renewed.
server-code = Activation code: { $code }
server-code-disabled = The activation code { $code } can’t be used for new activations any more.
server-kit = The kit of “{ $product }” is in { $folder }:
server-packages = The packages of “{ $product }” are in { $folder }:
server-documents = The completions and manual pages are in { $folder }.
server-granted = Seat { $seat }, “{ $name }”: granted until { $expiry }.
server-granted-clock = { $how ->
    [over] That computer’s clock showed { $time } when the request was made. By that clock the lease is over already, so the computer accepts the response only once its clock is right. It needs no new request.
    [ahead] That computer’s clock showed { $time } when the request was made, which is still in the future. Unless it is set right, the lease ends too early there.
   *[behind] That computer’s clock showed { $time } when the request was made. If the request isn’t as old as that, the clock is wrong and has to be set right there.
}
server-granted-clock-first = Set the clock of “{ $name }” right first.
server-granted-expired = The lease in this response ran out on { $expiry }, so the computer refuses the response. Make a new request there, with “Renew with a request” if its licence still runs.
server-granted-again = Seat { $seat }, “{ $name }”: this request was answered before; here is the same response.
server-granted-reused = Seat { $seat }, “{ $name }”: granted until { $expiry }. It had been “{ $old }”, whose lease had run out.
server-granted-taken_over = Seat { $seat }, “{ $name }”: granted until { $expiry }. It was taken over from { $old }, which can’t be refreshed any more.
server-refreshed = Seat { $seat }, “{ $name }”: refreshed until { $expiry }.
server-deactivated = Seat { $seat }, “{ $name }”: deactivated. It is free now.
server-refused-seat = Seat { $seat } isn’t refreshed:
server-refreshed-last = The renewal after this one needs a request from the computer itself.
server-deactivated-taken = Seat { $seat }, “{ $name }”: deactivated. It has been given back early too often to be free at once: it counts as taken until { $until }.
server-deactivated-again = Seat { $seat }, “{ $name }”: had been deactivated before. Nothing has changed.
server-deactivated-noted = Seat { $seat }, “{ $name }”: another computer uses it now, so nothing has changed. The token was noted.
server-released = Seat { $seat }, “{ $name }”: released. Its lease may still run, so it counts as taken until { $until }. With --now it is free at once.
server-released-now = Seat { $seat }, “{ $name }”: released. It is free now.
server-inspect-whole = A whole { $kind } token for key { $recipient }.
server-inspect-repaired = A { $kind } token for key { $recipient }, in which { $repaired ->
    [one] one wrong character was
   *[other] { $repaired } wrong characters were
} repaired.
server-inspect-request = Request { $request } for { $product }, seat name “{ $name }”, made on { $created }.
server-inspect-deactivation = Deactivation of the seat { $seat }, “{ $name }”, made on { $created }.
server-inspect-ours = It was made by this vendor; only the computer that it is for can read it.
server-repaired = { $repaired ->
    [one] One wrong character was
   *[other] { $repaired } wrong characters were
} repaired in this token.
server-listening = The licence portal is at { $address }.
server-key-here = here
server-key-elsewhere = not on this machine
server-role-active = active
server-role-spare = spare
server-role-old = old
server-column-key = Key
server-column-role = Role
server-column-place = Place
server-column-second-factor = Second factor
server-audit-counted = { $count ->
        [one] once
       *[other] { $count } times
    } in the hour from then
server-column-since = Since
server-yes = yes
server-no = no
server-rotated = The keys were rotated.
    Active key  { $active } (the spare until now)
    Spare key   { $spare } (new)
    Old key     { $old } (opens tokens that are on their way, signs nothing any more)
server-rotated-again = The keys were not rotated: they were rotated less than an hour ago, and no product can know the new spare yet. To rotate once more, wait until the hour is over.
server-rotated-before = The previous rotation left these keys:
    Active key  { $active } (the spare until then)
    Spare key   { $spare } (new)
    Old key     { $old } (opens tokens that are on their way, signs nothing any more)
server-rotated-next = Products that are out already know the active key. They don’t know the new spare, so before you rotate again: write a new kit for each product with “latchkey-server kit”, build the products with it, and see that customers have them. If the old key was stolen, do that at once: until then, anyone who has it can grant leases. Make a new backup, and lock the new spare key away.
server-sealed = { $count ->
    [one] One key was
   *[other] { $count } keys were
} sealed with the new passphrase. Without it nothing can be granted: keep it where you will find it.
server-sealed-elsewhere = { $count ->
    [one] One key isn’t on this machine and keeps its
   *[other] { $count } keys aren’t on this machine and keep their
} earlier passphrase: keep that one as well. To use such a key here, seal all keys with its passphrase.
server-backed-up = The backup is in { $folder }. If its keys aren’t sealed, anyone who has it can grant licences: protect it as you protect the data folder.
server-restored = The backup is in place in { $folder }. What is granted from now on has numbers that were never assigned before. What was granted after the backup was made isn’t known here: those seats can be activated again with their codes.
server-operator-added = “{ $name }” can now sign in to the admin pages.
server-operator-passphrase = “{ $name }” has a new passphrase.
server-operator-second-factor = “{ $name }” is now asked for a number from an app. Give this address to the app; it is shown only once:
server-operator-second-factor-off = “{ $name }” isn’t asked for a number any more.
server-operator-removed = “{ $name }” can’t sign in any more.
server-notice-dismissed = The notice about the seat { $seat } was dismissed.
server-notice-returns = Entitlement { $entitlement } ({ $product }, { $customer }): within 365 days, seats were given back early { $returns } times; it has { $seats ->
        [one] one seat
       *[other] { $seats } seats
    }. Perhaps one seat serves several computers. “latchkey-server notice dismiss --entitlement { $entitlement }” dismisses this notice.
server-notice-returns-dismissed = The notice about early returns of the entitlement { $entitlement } was dismissed until the next early return.
server-policy = Within 365 days, { $limit } early returns of one seat free it at once. After that it counts as taken until its lease and grace are over.
server-clock-right = This machine’s clock shows { $now }, which agrees with what is known.
server-clock-undecided = This machine’s clock shows { $now }. So much time is unexplained that requests are compared with it: one whose own time doesn’t agree may be refused. If the clock is right, confirm that with “latchkey-server clock confirm”.
server-clock-compared = The newest record is from { $newest }. Since then the machine is known to have been running for { $hours ->
        [one] one hour
       *[other] { $hours } hours
    }{ $boot ->
        [same] , within one boot
       *[other] { "" }
    }; { $days ->
        [one] one day is
       *[other] { $days } days are
    } unexplained.
server-clock-confirmed = The clock counts as right: { $now }.
server-nothing = There is nothing to show.

server-state-active = active
server-state-lease_expired = lease expired
server-state-deactivated = deactivated
server-state-reused = reused
server-state-released = released
server-state-ended = entitlement ended
server-state-live = live

server-column-seat = Seat
server-column-name = Name
server-column-state = State
server-column-activated = Activated
server-column-expiry = Lease expiry
server-column-entitlement = Entitlement
server-column-product = Product
server-column-number = Number
server-column-features = Features
server-column-customer = Customer
server-column-seats = Seats
server-column-lease = Offline lease
server-column-end = Subscription end
server-column-grace = Grace
server-column-request-every = Request at every nth renewal
server-column-codes = Activation codes
server-column-time = Time
server-column-event = Event
server-column-code = Code
server-column-device = Device
server-column-error = Refused
server-column-detail = Detail
server-none = –
server-code-is-disabled = { $code } (disabled)
server-seats-in-use = { $used } of { $seats }
server-seats-in-use-overdraft = { $used } of { $seats } + { $overdraft }
server-in-file = In the file { $file }:
