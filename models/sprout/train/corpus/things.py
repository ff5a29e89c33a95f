"""Events, orders, products, bookings, books and tickets: fields and the sentences that state them."""
from . import numbers, pools, values
from .fields import Field, boolean, currency, date, enum, integer, items, number, strings, text

GENRES = ("mystery", "romance", "history", "fantasy", "travel", "poetry", "horror", "science fiction", "biography")
LABELS = ("bug", "ui", "backend", "docs", "login", "search", "payments", "mobile", "api")

EVENT = dict(
    subject="title", wrap=("event", "events"), nouns=("The event", "The gathering"), alive=False,
    fields=dict(
        title=Field("title|name|event name|event", text(values.event)),
        date=Field("date|event date|day|on", date),
        time=Field("time|start time|starts at", text(numbers.clock)),
        place=Field("place|location|venue", text(values.venue)),
        city=Field("city|host city|town", text(values.city)),
        attendees=Field("attendees|guests|participants|people", strings(values.person, 1, 4)),
        organizer=Field("organizer|host|organiser", text(values.person)),
        capacity=Field("capacity|seats|max guests", integer(numbers.whole)),
        price=Field("ticket price|price|entry fee|fee", number(lambda s: numbers.money(s, 300))),
        online=Field("online|is online|virtual", boolean),
        topics=Field("topics|themes", strings(values.topic, 1, 3)),
        duration=Field("duration hours|hours|length in hours", integer(lambda s: numbers.count(s, 1, 12))),
    ),
    templates=(
        "{S} takes place on {date}", "{S} is planned for {date}", "{S} will be held at {place} on {date}", "{S} will be held on {date} in {city}",
        "{S} will be held at {place}", "{S} happens at {place} in {city}", "The venue is {place}", "{S} takes place in {city}",
        "The host city is {city}", "{S} starts at {time}", "Doors open at {time}", "{S} begins on {date} at {time}",
        "The attendees are {attendees}", "{attendees} will attend", "So far {attendees} signed up", "The guest list names {attendees}",
        "The organizer is {organizer}", "{S} is organized by {organizer}", "{organizer} is the host", "There are {capacity} seats",
        "The capacity is {capacity}", "Tickets cost {price}", "The entry fee is {price}", "A ticket is {price}",
        "{S} {online?is held online|is not held online}", "{S} {online?is a virtual event|is not a virtual event}",
        "The topics are {topics}", "Talks cover {topics}", "{S} lasts {duration} hours", "It runs for {duration} hours",
        "Join us for {S} on {date}", "Join us for {S} at {place}", "We are happy to announce {S}",
    ),
)

ORDER = dict(
    subject="customer", wrap=("order", "orders"), nouns=("The customer", "The buyer", "The client"), alive=True,
    fields=dict(
        customer=Field("customer|customer name|buyer|client", text(values.person)),
        items=Field("items|products|lines|order items", items),
        total=Field("total|total price|amount|total amount", number(lambda s: numbers.money(s, 5000))),
        order=Field("order id|order number|id|reference", text(values.code)),
        date=Field("order date|date|ordered on", date),
        city=Field("city|shipping city|delivery city", text(values.city)),
        street=Field("street|shipping street|address", text(values.street)),
        status=Field("status|order status|state", enum("pending", "paid", "shipped", "delivered", "cancelled", "in_progress", "on_hold")),
        gift=Field("gift wrap|is gift|gift", boolean),
        express=Field("express|express shipping|is express", boolean),
        currency=Field("currency|currency code", currency),
        discount=Field("discount percent|discount", number(lambda s: numbers.decimal(s, 1) if s.chance(0.3) else (lambda n: (str(n), n))(s.int(1, 80)))),
    ),
    templates=(
        "{S} ordered {items}", "{S} bought {items}", "{S} would like {items}", "The order contains {items}", "The cart holds {items}",
        "The total came to {total}", "{S} paid {total} in total", "The total is {total}", "The amount due is {total}",
        "The order number is {order}", "The order id is {order}", "The reference is {order}", "{S} placed order {order} on {date}",
        "{S} placed an order on {date}", "The order date is {date}", "It was ordered on {date}", "Ship it to {city}",
        "The delivery city is {city}", "{S} wants it delivered to {street}, {city}", "The shipping address is {street}", "Deliver to {street}",
        "The status is {status}", "The order is {status}", "{S} {gift?asked for gift wrap|did not ask for gift wrap}",
        "{S} {express?chose express shipping|did not choose express shipping}", "{S} {gift?wants it wrapped as a gift|does not want it wrapped as a gift}",
        "The order {express?ships express|does not ship express}", "The currency is {currency}", "All prices are in {currency}",
        "A discount of {discount} percent applies", "The discount is {discount}%", "{S} placed an order", "This order is from {S}",
        "{S} ordered {items} for a total of {total}", "Order {order}: {S} bought {items}",
    ),
)

PRODUCT = dict(
    subject="name", wrap=("product", "products"), nouns=("The product", "This article"), alive=False, article="The ",
    fields=dict(
        name=Field("name|product|product name|item", text(values.product)),
        price=Field("price|unit price|cost", number(lambda s: numbers.money(s, 3000))),
        brand=Field("brand|maker|manufacturer", text(values.company)),
        colour=Field("color|colour", text(values.colour)),
        stock=Field("stock|in stock|units in stock|quantity", integer(numbers.whole)),
        sku=Field("sku|product code|code|article number", text(values.code)),
        weight=Field("weight kg|weight|weight in kg", number(lambda s: numbers.decimal(s))),
        rating=Field("rating|score|stars", number(lambda s: (lambda n: (str(n), n))(s.int(1, 49) / 10))),
        available=Field("available|is available", boolean),
        category=Field("category|kind", enum("home", "office", "garden", "sports", "toys", "kitchen", "electronics", "clothing")),
        tags=Field("tags|keywords|labels", strings(lambda s: values.listed(s, pools.COMMON), 1, 4)),
        warranty=Field("warranty years|warranty", integer(lambda s: numbers.count(s, 1, 12))),
    ),
    templates=(
        "{S} costs {price}", "{S} sells for {price}", "The price is {price}", "{S} is made by {brand}", "The brand is {brand}",
        "{S} comes in {colour}", "The colour is {colour}", "The color is {colour}", "There are {stock} in stock", "{stock} units are in stock",
        "The product code is {sku}", "{S} has the code {sku}", "{S} weighs {weight} kg", "The weight is {weight} kg",
        "{S} has a rating of {rating}", "Buyers rate it {rating} out of 5", "{S} {available?is available|is not available}",
        "{S} {available?can be bought now|cannot be bought now}", "The category is {category}", "{S} belongs to the {category} category",
        "The tags are {tags}", "Tagged {tags}", "The warranty lasts {warranty} years", "{S} has {warranty} years of warranty",
        "{S} by {brand} costs {price}", "{S} in {colour} costs {price}", "We now sell {S}",
    ),
)

TRIP = dict(
    subject="traveller", wrap=("booking", "bookings"), nouns=("The traveller", "The passenger", "The guest"), alive=True,
    fields=dict(
        traveller=Field("passenger|traveller|guest|name", text(values.person)),
        origin=Field("origin|from|departure city", text(values.city)),
        destination=Field("destination|to|arrival city", text(values.city)),
        date=Field("departure date|date|travel date", date),
        back=Field("return date|returns on", date),
        flight=Field("flight|flight number|booking code", text(values.code)),
        seat=Field("seat|seat number", text(lambda s: "%d%s" % (s.int(1, 60), s.any("ABCDEF")))),
        hotel=Field("hotel|hotel name", text(lambda s: "Hotel " + values.word(s))),
        nights=Field("nights|number of nights", integer(lambda s: numbers.count(s, 1, 30))),
        price=Field("price|fare|cost", number(lambda s: numbers.money(s, 4000))),
        cabin=Field("cabin|class", enum("economy", "premium", "business", "first")),
        bags=Field("bags|checked bags", integer(lambda s: numbers.count(s, 1, 9))),
        insured=Field("insured|has insurance|insurance", boolean),
    ),
    templates=(
        "{S} travels from {origin} to {destination}", "{S} flies to {destination} from {origin}", "{S} leaves from {origin}", "The trip starts in {origin}",
        "{S} is going to {destination}", "The destination is {destination}", "{S} leaves on {date}", "The departure date is {date}",
        "{S} flies from {origin} to {destination} on {date}", "{S} returns on {back}", "The return date is {back}", "The flight number is {flight}",
        "{S} is on flight {flight}", "{S} has seat {seat}", "The seat is {seat}", "{S} stays at {hotel}", "The hotel is {hotel}",
        "{S} stays for {nights} nights at {hotel}", "{S} stays {nights} nights", "The fare is {price}", "{S} paid {price}", "The trip costs {price}",
        "{S} flies in {cabin} class", "The cabin is {cabin}", "{S} checks {bags} bags", "There are {bags} checked bags",
        "{S} {insured?has insurance|has no insurance}", "{S} {insured?is insured|is not insured}", "{S} booked a trip",
    ),
)

BOOK = dict(
    subject="title", wrap=("book", "books"), nouns=("The book", "This volume"), alive=False,
    fields=dict(
        title=Field("title|book title|name", text(values.title)),
        author=Field("author|writer|written by", text(values.person)),
        year=Field("year|publication year|published", integer(lambda s: (lambda n: (str(n), n))(s.int(1700, 2039)))),
        pages=Field("pages|page count|number of pages", integer(numbers.whole)),
        publisher=Field("publisher|publishing house", text(values.company)),
        genres=Field("genres|genre list", strings(lambda s: s.any(GENRES) if s.chance(0.6) else values.term(s), 1, 3)),
        price=Field("price|cost", number(lambda s: numbers.money(s, 90))),
        language=Field("language|original language", text(lambda s: s.any(pools.LANGUAGES) if s.chance(0.65) else values.word(s))),
        isbn=Field("isbn|isbn code", text(lambda s: "978-" + "-".join((str(s.int(0, 9)), "%04d" % s.int(0, 9999), "%04d" % s.int(0, 9999), str(s.int(0, 9)))))),
        translated=Field("translated|is translation", boolean),
    ),
    templates=(
        "{S} was written by {author}", "{S} by {author} appeared in {year}", "The author is {author}", "{S} was published in {year}", "It came out in {year}",
        "{S} has {pages} pages", "The page count is {pages}", "{S} is published by {publisher}", "The publisher is {publisher}",
        "The genres are {genres}", "It mixes {genres}", "{S} costs {price}", "The price is {price}", "{S} was first written in {language}",
        "The language is {language}", "The ISBN is {isbn}", "{S} has the ISBN {isbn}", "{S} {translated?is a translation|is not a translation}",
        "{S} {translated?was translated|was not translated}", "We are reading {S}",
    ),
)

TICKET = dict(
    subject="subject", wrap=("ticket", "tickets"), nouns=("The ticket", "The issue"), alive=False,
    fields=dict(
        subject=Field("title|subject|summary", text(lambda s: s.any(("Login fails on", "Crash in", "Slow search in", "Missing icon in", "Wrong total in", "Broken link in")) + " " + (values.word(s) if s.chance(0.6) else values.phrase(s, 1, 4)))),
        reporter=Field("reporter|reported by|author", text(values.person)),
        assignee=Field("assignee|assigned to|owner", text(values.person)),
        priority=Field("priority|urgency", enum("low", "medium", "high", "critical")),
        status=Field("status|state", enum("open", "closed", "blocked", "in_review", "in_progress")),
        code=Field("ticket id|id|key", text(values.code)),
        due=Field("due date|due|deadline", date),
        labels=Field("labels|tags", strings(lambda s: s.any(LABELS) if s.chance(0.6) else values.term(s), 1, 4)),
        points=Field("points|story points|estimate", integer(lambda s: numbers.count(s, 1, 40))),
        urgent=Field("blocking|is blocking", boolean),
    ),
    templates=(
        "{S} was reported by {reporter}", "{reporter} reported it", "{S} is assigned to {assignee}", "The assignee is {assignee}",
        "The priority is {priority}", "{S} has {priority} priority", "The status is {status}", "{S} is {status}", "The ticket id is {code}", "{S} has the id {code}",
        "{S} is due on {due}", "The deadline is {due}", "The labels are {labels}", "{S} is labelled {labels}", "The estimate is {points} points",
        "{S} is worth {points} points", "{S} {urgent?is blocking|is not blocking}", "{S} {urgent?blocks the release|does not block the release}",
        "{reporter} opened {S}", "There is a new ticket: {S}",
    ),
)

DOMAINS = (EVENT, ORDER, PRODUCT, TRIP, BOOK, TICKET)
