# The examples of a manual page: each display that follows a comment
#	.\" example: KIND [WORD ...]
# as lines "KIND WORD ...", then the text indented by one tab.  A display
# without such a comment is printed as kind "unmarked" with its line number.
function text(line)
{
	gsub(/\\&/, "", line)
	gsub(/\\\(dq/, "\"", line)
	gsub(/\\\(aq|\\\(ga/, "'", line)
	gsub(/\\-/, "-", line)
	gsub(/\\e/, "\\", line)
	return line
}

/^\.\\" example: / {
	kind = substr($0, index($0, ":") + 2)
	next
}

/^\.Dl / {
	print kind == "" ? "unmarked " FNR : kind
	line = substr($0, 5)
	gsub(/"/, "", line)
	print "\t" text(line)
	kind = ""
	next
}

/^\.Bd -literal/ {
	print kind == "" ? "unmarked " FNR : kind
	inside = 1
	kind = ""
	next
}

/^\.Ed/ {
	inside = 0
	next
}

inside {
	print "\t" text($0)
}
