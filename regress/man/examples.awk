# The displays of a manual page (.Bd -literal, .Dl), each after comments
#	.\" example: KIND [WORD ...]
#	.\" before: COMMAND
#	.\" after: COMMAND
# as lines "KIND WORD ...", "<COMMAND" for what comes before it, ">COMMAND" for
# what comes after it, "@LINE" for its place, then its text indented by one tab.
# Without a comment "example:" the kind is "unmarked".
function text(line)
{
	gsub(/\\&/, "", line)
	gsub(/\\\(dq/, "\"", line)
	gsub(/\\\(aq|\\\(ga/, "'", line)
	gsub(/\\-/, "-", line)
	gsub(/\\e/, "\\", line)
	return line
}

function display()
{
	print kind == "" ? "unmarked" : kind
	printf "%s", orders
	print "@" FNR
	kind = orders = ""
}

/^\.\\" example: / {
	kind = substr($0, index($0, ":") + 2)
	next
}

/^\.\\" before: / {
	orders = orders "<" substr($0, index($0, ":") + 2) "\n"
	next
}

/^\.\\" after: / {
	orders = orders ">" substr($0, index($0, ":") + 2) "\n"
	next
}

/^\.Dl / {
	display()
	line = substr($0, 5)
	gsub(/"/, "", line)
	print "\t" text(line)
	next
}

/^\.Bd -(literal|unfilled)/ {
	display()
	inside = 1
	next
}

/^\.Ed/ {
	inside = 0
	next
}

inside {
	print "\t" text($0)
}
