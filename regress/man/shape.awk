# Whether a command's output (second file) has the lines that the page shows
# (first file), in that order: the same words, but that one with a digit in it
# stands for any (behind the "=" only, if it has one), and one that ends in
# "..." for all that begin so; as the last word, "..." stands for the rest of
# the line.  A line that is "..." stands for any number of lines.  A line of the
# page that begins with four blanks goes on with the one before.
# With -v strict=1, the output may have no others.
function like(page, word,	at)
{
	at = index(page, "=")
	if (page ~ /\.\.\.$/ && (at || page !~ /[0-9]/))
		return index(word, substr(page, 1, length(page) - 3)) == 1
	if (page ~ /[0-9]/)
		return at == 0 || substr(page, 1, at) == substr(word, 1, at)
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
	if ($0 == "...")
		gap[lines + 1] = 1
	else if (/^    / && lines)
		shown[lines] = shown[lines] " " $0
	else
		shown[++lines] = $0
	next
}

found < lines && fits(shown[found + 1], $0) {
	found++
	next
}

strict && !gap[found + 1] {
	print "the page shows " (found < lines ? shown[found + 1] : "no more")
	print "the output has " $0
	failed = 1
	exit
}

END {
	if (!failed && found < lines) {
		print "the page shows: " shown[found + 1]
		failed = 1
	}
	exit failed
}
