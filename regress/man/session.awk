# From the text of one "session" example: a script for bash that runs its
# commands in this shell, each with its output to $OUT/N, and the lines that
# the page shows as output to $OUT/N.page.  n is the number of the first one.
function quoted(s)
{
	gsub(/'/, "'\\''", s)
	return "'" s "'"
}

function end_command()
{
	if (command == "")
		return
	print "{ " command "\n} >\"$OUT/" n "\" 2>&1 ||"
	print "    example_failed " n " " quoted(command)
	n++
	command = ""
}

function begin_command(line)
{
	end_command()
	command = line
	open = line ~ /\\$/
}

/^[#$] / {
	begin_command(substr($0, 3))
	next
}

open {
	command = command "\n" $0
	open = $0 ~ /\\$/
	next
}

command != "" {
	print "printf '%s\\n' " quoted($0) " >>\"$OUT/" n ".page\""
}

END {
	end_command()
	print "EXAMPLE=" n
}
