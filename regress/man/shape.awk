# Whether a command's output (second file) has the lines that the page shows
# (first file), in that order: the same words, but that one with a digit in it
# stands for any, and one that ends in "..." for all that begin so.  A line
# that is "..." stands for any number of lines.
function like(page, word)
{
	if (page ~ /[0-9]/)
		return 1
	if (page ~ /\.\.\.$/)
		return index(word, substr(page, 1, length(page) - 3)) == 1
	return page == word
}

function fits(page, line,	i, n, m, p, w)
{
	n = split(page, p)
	m = split(line, w)
	if (p[n] == "...")
		n--
	else if (n != m)
		return 0
	for (i = 1; i <= n; i++)
		if (!like(p[i], w[i]))
			return 0
	return 1
}

FNR == NR {
	if ($0 != "...")
		shown[++lines] = $0
	next
}

next_line < lines && fits(shown[next_line + 1], $0) {
	next_line++
}

END {
	if (next_line < lines) {
		print "the page shows: " shown[next_line + 1]
		exit 1
	}
}
