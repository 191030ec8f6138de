# What can be wrong with a token and its text. An error's id is its code with dashes for dots;
# the value says what happened, `.action` what to do next.

# The four kinds, as they are called in a sentence.
kind-request = request token
kind-response = response token
kind-refresh = refresh token
kind-deactivation = deactivation token

# Row numbers in a sentence: "1, 4 to 6 and 9".
numbers-run = { $first } to { $last }
numbers-and = { $before } and { $last }

text-too_large = This text is too large: { $bytes } bytes, and at most { $limit } are read.
    .action = Split it into several files and hand them in one after the other.
text-too_many_tokens = There are more than { $limit } tokens in this text.
    .action = Split it into several files and hand them in one after the other.
text-too_much_work = This text takes too much work to search. A text that holds only tokens doesn’t.
    .action = Hand in the token alone, without the text before and after it.
text-empty = This text is empty.
    .action = Save the token again, or copy the token itself.
text-picture = Pictures of this kind ({ $format }) can’t be read here.
    .action = Save it as JPEG or PNG, or take a screenshot of it, and hand that in: the QR code in it is read. Or copy the token itself.
text-picture_parts = Only the first { $looked } of { $count } pages, frames or attached pictures were looked through.
    .action = Save the page, frame or picture with the QR code as a file of its own, and hand that in.
text-encrypted = This is encrypted ({ $format }): only the program of the person it was sent to can show what is in it.
    .action = Open it in your mail program, copy the token there, and paste it as text.
text-attached = There is no token in the text of this mail, but { $what ->
        [picture] a picture
        [document] a document
        [archive] an archive
       *[file] a file
    } is attached to it: { $name }.
    .action = { $what ->
        [picture] Save the picture from your mail program, and hand that in: the QR code in it is read.
        [document] Open the attachment, copy the token, and paste it as text.
        [archive] Unpack the attachment, and hand in the file that was in it.
       *[file] Save the attachment from your mail program, and hand that in.
    }
text-other_code = The QR code in this picture contains { $what ->
        [link] a link to { $said }
        [wifi] the login for a Wi-Fi network
        [login] a key for signing in
        [contact] a contact
        [appointment] an appointment
        [payment] a payment
       *[text] a text of { $characters } characters
    }, and neither a token nor an activation code.
    .action = Use the picture that shows the QR code of your token, or of your activation code where that is asked for.
text-code_instead = The QR code in this picture contains an activation code, not a token.
    .action = Enter the code at the start of the activation. What belongs here is the token that is created with it.
text-codes_unread = { $count ->
        [one] Another QR code in this picture can’t be read.
       *[other] { $count } other QR codes in this picture can’t be read.
    } The other codes are used.
    .action = If something is missing, take a picture in which every code is sharp, whole and evenly lit, or one of each code.
text-code_parts = Only { $have } of { $count } QR codes that belong together can be read here.
    .action = Hand in all of them together, in one picture or in several, or copy the token itself.
text-archive = This is an archive ({ $format }), not text.
    .action = Unpack it, and hand in the file that was in it.
text-document = This is a document ({ $format }), not text.
    .action = Open it, copy the token, and paste it as text. If it shows the token as a QR code only, take a screenshot of it and hand that in.
text-program = This isn’t text, but something else: { $format }.
    .action = Choose the file that the token was saved in.
text-binary = This is neither text nor a known kind of file.
    .action = Choose the file that the token was saved in, or copy the token itself.
token-none_found = There is no token in this text.
    .action = Copy the whole token. It is one long row of letters and digits that begins with LK.
token-no_beginning = This is a token without its beginning.
    .action = Copy it again, from the letters LK at its start to its last character.
token-beginning_damaged = The beginning of this token is damaged.
    .action = Copy it again, or compare its first 14 characters with the original.
token-length = This token claims to have { $bytes } bytes, but no token is that long.
    .action = Copy it again from where it was first shown.
token-damaged = { $count ->
        [one] Row { $rows } of { $of } is damaged.
       *[other] Rows { $rows } of { $of } are damaged.
    }
    .action = Copy the token again, or compare these rows with the original.
token-truncated = The token is incomplete: { $have } of { $of } rows are here.
    .action = Copy it again, up to its last character.
token-rows_missing = { $count ->
        [one] Row { $rows } of { $of } is missing.
       *[other] Rows { $rows } of { $of } are missing.
    }
    .action = Copy the token again, or add what is missing from the original.
token-damaged_and_missing = { $damaged_count ->
        [one] Row { $damaged } is damaged
       *[other] Rows { $damaged } are damaged
    }, and { $missing_count ->
        [one] row { $missing } is missing
       *[other] rows { $missing } are missing
    }. The token has { $of } rows.
    .action = Copy the token again, or compare these rows with the original.
token-run_together = Two tokens run into each other. Of the first one { $have } of { $of } rows are here.
    .action = Copy each of them again, from its letters LK to its last character.
token-symbols_missing = { $count ->
        [one] A character is missing in row { $row } of { $of }.
       *[other] { $count } characters are missing in row { $row } of { $of }.
    }
    .action = Copy the token again, or compare this row with the original.
token-symbols_added = { $count ->
        [one] There is one character too many in row { $row } of { $of }.
       *[other] There are { $count } characters too many in row { $row } of { $of }.
    }
    .action = Copy the token again, or compare this row with the original.
token-frames_missing = { $count ->
        [one] Picture { $frames } of { $of } is missing.
       *[other] Pictures { $frames } of { $of } are missing.
    }
    .action = This token is spread over several pictures. Add what is missing, in any order.
token-digest = The rows of this token don’t belong together.
    .action = Copy the whole token again from one place.
token-suite = This token was made by a newer version (suite { $suite }).
    .action = Update this program, then hand the token in again.
token-type = This token is of a kind that this version doesn’t know ({ $kind }).
    .action = Update this program, then hand the token in again.
token-prefix_mismatch = The beginning of this token and its content indicate different kinds.
    .action = Copy the whole token again from one place.
token-wrong_kind = This is a { $found ->
        [request] request token
        [response] response token
        [refresh] refresh token
       *[deactivation] deactivation token
    }, but a { $expected ->
        [request] request token
        [response] response token
        [refresh] refresh token
       *[deactivation] deactivation token
    } belongs here.
    .action = { $found ->
        [request] Take it to the licence portal. What it gives you back belongs here.
        [deactivation] Take it to the licence portal, where it gives the seat back.
       *[other] Bring it to the computer that it was made for.
    }
token-other_recipient = This token is for another recipient (key { $key }).
    .action = Find the token that was made for this recipient.
token-decryption = This token can’t be opened. It was altered along the way.
    .action = Copy it again from where it was first shown.
token-encoding = The content of this token is malformed ({ $reason }).
    .action = Ask for a new token. If it happens again, send it to the vendor’s support.
token-field = The content of this token is incomplete (field { $field }).
    .action = Ask for a new token. If it happens again, send it to the vendor’s support.
token-critical_field = This token has content that this version must not ignore (field { $field }).
    .action = Update this program, then hand the token in again.
token-unknown_signer = This token was signed with a key that isn’t known here ({ $key }).
    .action = Check that it comes from this product’s vendor. After a change of keys, update this program and its configuration.
token-weak_key = This token carries a key that isn’t secure.
    .action = Make a new request on the computer that it comes from.
token-signature = The signature of this token isn’t genuine.
    .action = Don’t use this token. Ask for a new one where it came from.
token-too_long = The content is too large for one token ({ $bytes } bytes).
    .action = Shorten the seat name, or have the vendor remove attributes.
token-encryption = The token couldn’t be encrypted.
    .action = Check the recipient’s key in the configuration.
activation_code-empty = No activation code was given.
    .action = Enter the activation code that you got with your licence.
activation_code-too_long = The activation code has { $symbols } characters; at most 32 are possible.
    .action = Enter only the activation code, without other text.
activation_code-symbol = The activation code contains “{ $found }”, which no activation code contains.
    .action = Use only letters A to Z, digits and dashes.
activation_code-unclear = There are several words that could be the activation code.
    .action = Enter the code alone, without other text.
activation_code-groups = There seems to be a typing error in { $count ->
        [one] group { $groups }
       *[other] groups { $groups }
    } of the activation code.
    .action = Compare it with what you received. If it is the same there, use it as it is.
activation_code-missing = The activation code seems to lack { $symbols ->
        [one] one character
       *[other] { $symbols } characters
    }, in or after group { $group }.
    .action = Compare it with what you received: the whole code has four groups of five characters. If it is the same there, use it as it is.
activation_code-added = The activation code seems to have { $symbols ->
        [one] one character
       *[other] { $symbols } characters
    } too many.
    .action = Compare it with what you received: such a code has four groups of five characters. If it is the same there, use it as it is.
activation_code-sentence = This looks like words of a text, not like an activation code.
    .action = Enter the code alone, as you received it. If this is the code, use it as it is.
activation_code-placeholder = This looks like an example of an activation code, not like one of your own.
    .action = Enter the activation code that you got with your licence. If this is the code, use it as it is.
activation_code-begins_like_token = This activation code begins like a { $kind ->
        [request] request token
        [response] response token
        [refresh] refresh token
       *[deactivation] deactivation token
    }.
    .action = Enter the activation code that you got with your licence, not a part of a token. If this is the code, use it as it is.
activation_code-token = This is a { $kind ->
        [request] request token
        [response] response token
        [refresh] refresh token
       *[deactivation] deactivation token
    }, not an activation code.
    .action = { $kind ->
        [response] Apply it instead. A request takes the activation code that you got with your licence.
        [refresh] Apply it instead. A request takes the activation code that you got with your licence.
       *[other] Take it to the licence portal. A request takes the activation code that you got with your licence.
    }
seat_name-too_long = The seat name is too long: { $bytes } bytes, and at most 64 fit.
    .action = Choose a shorter name.
seat_name-control = The seat name contains a line break or another control character.
    .action = Write it on one line.
system-randomness = The operating system didn’t provide random numbers.
    .action = Restart the computer and try again.
key-malformed = This isn’t a public key.
    .action = Take the key from the vendor’s kit again.
key-weak = This key isn’t secure and can’t be used.
    .action = Take the key from the vendor’s kit again.
key-signature = The signature isn’t genuine.
    .action = Ask for a new token where this one came from.
id-not_hex = This isn’t an ID of { $digits } hex digits.
    .action = Copy the ID as it is listed.
