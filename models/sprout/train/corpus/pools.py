"""Ordinary word lists. `source.py` splits each one into a training part and a held-out part."""


def words(text):
    return tuple(text.split())


def phrases(text):
    return tuple(p.strip() for p in text.replace("\n", " ").split(",") if p.strip())


FEMALE = words("""
Maria Anna Sofia Emma Olivia Alice Julia Laura Nora Clara Ines Fatima Aisha Leila Yuki Mei Priya Ananya Chloé
Camille Zoë Ingrid Astrid Freya Helena Irene Katarzyna Agnieszka Olga Tatiana Svetlana Natalia Gabriela Lucía
Valentina Isabella Beatriz Carmen Rosa Teresa Bianca Giulia Francesca Chiara Elena Amira Zainab Noor Rania Salma
Wanjiru Amara Ngozi Chiamaka Thandiwe Zanele Hana Sakura Naomi Keiko Min-ji Soo-jin Xiuying Linh Thuy Siti Dewi
Grace Hannah Ruth Esther Miriam Rebecca Sarah Rachel Leah Abigail Charlotte Amelia Harriet Florence Matilda Beth
Jane Mary Linda Susan Karen Nancy Betty Sandra Ashley Emily Megan Lauren Rosie Daisy Poppy Ivy Hazel Violet Stella
Margaux Élodie Renée Søs Åsa Märta Žofia Dorota Milena Vesna Jovana Ilse Greta Liesl Frieda Saoirse Niamh Aoife
""")
MALE = words("""
John James Robert Michael David William Richard Joseph Thomas Charles Daniel Matthew Anthony Mark Steven Paul Andrew
Kenneth George Joshua Kevin Brian Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen
Larry Justin Scott Brandon Benjamin Samuel Gregory Frank Raymond Patrick Jack Dennis Peter Bob Tom Ben Sam Max Leo
Luis Carlos José Juan Miguel Javier Diego Andrés Rafael Mateo Tomás Joaquín Pedro João Tiago Rui Marco Luca Matteo
Giovanni Alessandro Pierre Jean-Luc François René Étienne Hugo Lars Sven Björn Søren Anders Mikkel Jürgen Günther
Klaus Dieter Wolfgang Piotr Paweł Tomasz Wojciech Ivan Dmitri Sergei Alexei Viktor Mikhail Omar Ahmed Hassan Youssef
Khalid Tariq Ibrahim Rahul Arjun Vikram Rohan Sanjay Amit Kenji Hiroshi Takeshi Haruto Wei Jun Ming Chen Hyun-woo
Kwame Kofi Chinedu Emeka Sipho Tendai Oluwaseun Baraka Juma Nguyen Minh Duc Budi Agus Liam Noah Ethan Mason Logan
""")
LAST = words("""
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen
King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts
Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf
Dubois Moreau Laurent Lefèvre Roux Fournier Girard Bonnet Lambert Rossi Russo Ferrari Esposito Bianchi Romano Colombo
Ricci Marino Silva Santos Oliveira Souza Pereira Costa Carvalho Almeida Gonçalves Araújo Ivanov Petrov Smirnov Volkov
Sokolov Kowalski Nowak Wiśniewski Zieliński Novák Svoboda Horváth Nagy Szabó Kiss Popescu Ionescu Papadopoulos
Andersson Johansson Lindqvist Nilsson Hansen Olsen Larsen Jensen Nielsen Sørensen Virtanen Korhonen Tanaka Suzuki
Sato Watanabe Yamamoto Nakamura Kobayashi Kim Park Choi Jung Kang Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou
Patel Sharma Singh Kumar Gupta Mehta Reddy Iyer Nair Khan Hussain Rahman Chowdhury Begum Okafor Adeyemi Balogun Mensah
Owusu Mwangi Otieno Kamau Ndlovu Dlamini Moyo Abdi Hassan Haddad Khoury Mansour Farouk Yilmaz Demir Kaya Öztürk
O'Brien O'Connor McCarthy McKay MacLeod Fitzgerald Gallagher Byrne Quinn Doyle Hughes Lloyd Pritchard Doe Ray Diaz
Cruz Ortiz Vega Castillo Mendoza Fuentes Peña Núñez Ibáñez Larsson Holm Dahl Berg Bakker Visser Jansen Smit Vos
""")
CITIES = phrases("""
Paris, London, Berlin, Madrid, Rome, Vienna, Lisbon, Dublin, Oslo, Stockholm, Helsinki, Copenhagen, Amsterdam, Brussels,
Prague, Warsaw, Budapest, Athens, Zurich, Geneva, Munich, Hamburg, Cologne, Lyon, Marseille, Nice, Bordeaux, Milan,
Naples, Turin, Florence, Venice, Barcelona, Seville, Valencia, Porto, Edinburgh, Glasgow, Manchester, Leeds, Bristol,
New York, Los Angeles, Chicago, Houston, Boston, Seattle, Denver, Austin, Miami, Portland, San Francisco, San Diego,
Toronto, Montreal, Vancouver, Calgary, Ottawa, Mexico City, Bogotá, Lima, Santiago, Buenos Aires, São Paulo,
Rio de Janeiro, Brasília, Quito, Caracas, Havana, Tokyo, Kyoto, Osaka, Sapporo, Seoul, Busan, Beijing, Shanghai,
Shenzhen, Hong Kong, Taipei, Singapore, Bangkok, Hanoi, Jakarta, Manila, Kuala Lumpur, Mumbai, Delhi, Chennai, Kolkata,
Bangalore, Karachi, Lahore, Dhaka, Colombo, Kathmandu, Dubai, Doha, Riyadh, Tehran, Baghdad, Beirut, Amman, Istanbul,
Ankara, Cairo, Alexandria, Tunis, Algiers, Casablanca, Rabat, Lagos, Abuja, Accra, Dakar, Nairobi, Kampala, Kigali,
Addis Ababa, Cape Town, Johannesburg, Durban, Harare, Lusaka, Sydney, Melbourne, Brisbane, Perth, Adelaide, Auckland,
Wellington, Reykjavik, Tallinn, Riga, Vilnius, Kyiv, Minsk, Bucharest, Sofia, Belgrade, Zagreb, Ljubljana, Sarajevo,
Málaga, Córdoba, Zürich, Köln, Düsseldorf, Göteborg, Malmö, Tromsø, Kraków, Gdańsk, Łódź, Brno, Graz, Salzburg, Ghent
""")
COUNTRIES = phrases("""
France, Germany, Spain, Italy, Portugal, Ireland, Norway, Sweden, Finland, Denmark, Poland, Austria, Switzerland,
Belgium, Greece, Hungary, Romania, Bulgaria, Croatia, Serbia, Ukraine, Turkey, Egypt, Morocco, Tunisia, Nigeria, Ghana,
Kenya, Uganda, Ethiopia, South Africa, Japan, China, South Korea, India, Pakistan, Nepal, Thailand, Vietnam, Indonesia,
Malaysia, Australia, New Zealand, Canada, Mexico, Brazil, Argentina, Chile, Peru, Colombia, Cuba, Iceland, Estonia
""")
OCCUPATIONS = phrases("""
software engineer, data scientist, product manager, teacher, nurse, doctor, surgeon, dentist, pharmacist, lawyer, judge,
accountant, auditor, architect, civil engineer, mechanical engineer, electrician, plumber, carpenter, chef, baker,
barista, waiter, bartender, graphic designer, web developer, illustrator, photographer, journalist, editor, novelist,
poet, translator, librarian, historian, biologist, chemist, physicist, astronomer, geologist, mathematician,
statistician, economist, sociologist, psychologist, veterinarian, farmer, gardener, florist, fisherman, pilot,
flight attendant, bus driver, truck driver, train conductor, sailor, firefighter, police officer, paramedic, soldier,
security guard, receptionist, secretary, office manager, project manager, marketing director, sales representative,
real estate agent, insurance broker, bank teller, financial analyst, investment banker, consultant, recruiter, tailor,
fashion designer, jeweler, hairdresser, makeup artist, musician, violinist, pianist, singer, dancer, actor,
film director, screenwriter, sound engineer, animator, game developer, network administrator, database administrator,
security researcher, machine learning engineer, research assistant, professor, school principal, social worker, midwife,
physiotherapist, optician, lab technician, welder, machinist, roofer, mason, surveyor, urban planner, park ranger,
tour guide, yoga instructor, football coach, cyclist, swimmer, beekeeper, winemaker, cheese maker, blacksmith, potter,
designer, writer, artist, engineer, developer, student, researcher, banker, driver, painter, mechanic, cashier
""")
HOBBIES = phrases("""
chess, painting, hiking, swimming, photography, gardening, cooking, baking, cycling, running, climbing, sailing, surfing,
knitting, pottery, reading, astronomy, birdwatching, archery, fencing, karate, judo, dancing, singing, playing the guitar,
playing the piano, skiing, snowboarding, camping, fishing, calligraphy, origami, woodworking, beekeeping, board games,
crossword puzzles, stamp collecting, yoga, table tennis, tennis, badminton, football, basketball, volleyball, rowing
""")
SKILLS = phrases("""
Python, TypeScript, JavaScript, Rust, Go, Java, Kotlin, Swift, SQL, Excel, Docker, Kubernetes, Terraform, React, Node.js,
GraphQL, Linux, Figma, Photoshop, welding, negotiation, public speaking, copywriting, bookkeeping, project planning,
data analysis, machine learning, technical writing, customer service, carpentry, first aid, lesson planning, budgeting
""")
LANGUAGES = words("""English French German Spanish Italian Portuguese Dutch Polish Czech Hungarian Greek Turkish Arabic Hebrew
Hindi Urdu Bengali Tamil Mandarin Cantonese Japanese Korean Vietnamese Thai Swahili Yoruba Zulu Swedish Norwegian Danish
Finnish Russian Ukrainian Romanian""")
PRODUCTS = phrases("""
notebook, pencil, desk lamp, office chair, wireless mouse, keyboard, monitor, laptop stand, water bottle, coffee mug,
tea kettle, frying pan, cutting board, bread knife, mixing bowl, wool blanket, cotton towel, pillow, candle, picture frame,
wall clock, alarm clock, phone case, charging cable, power bank, headphone, bluetooth speaker, webcam, microphone, tripod,
camera lens, backpack, suitcase, umbrella, raincoat, running shoe, leather belt, silk scarf, wool hat, winter glove,
sunglass case, wristwatch, silver ring, necklace, garden hose, flower pot, shovel, rake, watering can, bird feeder,
dog leash, cat bed, fish tank, tennis racket, yoga mat, jump rope, bicycle helmet, camping tent, sleeping bag, flashlight,
board game, puzzle, toy train, teddy bear, paint set, sketchbook, fountain pen, stapler, paper clip, ring binder, envelope,
ink cartridge, router, network switch, hard drive, graphics card, memory card, screwdriver, hammer, cordless drill, toolbox,
ladder, paint roller, door handle, light bulb, smoke detector, extension cord, air filter, floor rug, curtain, bookshelf,
coffee table, bar stool, bean bag, jar of honey, bag of coffee beans, box of tea, bottle of olive oil, chocolate bar
""")
EVENT_KINDS = phrases("""
Workshop, Conference, Summit, Meetup, Festival, Gala, Concert, Seminar, Hackathon, Retreat, Exhibition, Fair, Symposium,
Forum, Picnic, Marathon, Webinar, Bootcamp, Reception, Ceremony, Open Day, Book Club, Panel, Tasting, Auction, Parade
""")
EVENT_TOPICS = phrases("""
Robotics, Spring, Autumn, Winter, Summer, Jazz, Data Science, Design, Rust, TypeScript, Photography, Climate, Wine, Chess,
Film, Poetry, Street Food, Startup, Open Source, Cloud, Security, Gardening, Science, Music, Charity, Alumni, Harvest,
Health, History, Marketing, Developer, Art, Book, Fashion, Game, Leadership, Marine Biology, Astronomy, Cycling, Coffee
""")
VENUES = phrases("""
Town Hall, City Library, Grand Hotel, Riverside Park, Science Museum, Opera House, Convention Center, Community Center,
Harbour Hall, National Gallery, Botanical Garden, Old Brewery, Central Station, University Auditorium, Sports Arena,
Concert Hall, Meeting Room 4, Conference Room B, Lakeside Pavilion, Market Square, Main Theatre, Innovation Hub
""")
COMPANY_TAILS = words("Labs Systems Industries Logistics Foods Software Robotics Energy Media Partners Group Holdings "
                      "Studio Works Analytics Health Bank Motors Airlines Textiles Solutions Consulting Networks Ltd Inc GmbH")
INDUSTRIES = phrases("""
retail, banking, healthcare, logistics, education, agriculture, construction, software, energy, publishing, insurance,
hospitality, telecommunications, aerospace, automotive, textiles, biotechnology, food processing, mining, shipping
""")
STREETS = words("Street Avenue Road Lane Drive Court Boulevard Way Place Square")
STREET_NAMES = words("Main Oak Maple Cedar Elm Park Lake River Church Mill High Station Victoria Garden King Queen Bridge "
                     "Forest Hill Sunset Meadow Orchard Harbour Windsor Willow Chestnut")
DOMAINS = words("example.com example.org mail.com inbox.net post.org web.de acme.io company.com school.edu office.co "
                "example.net startup.dev corp.com letters.fr correo.es studio.art")
TLDS = words("com org net io dev co de fr es it nl se pl jp in ca au uk edu info app ai eu")
COLOURS = words("red blue green yellow black white orange purple grey brown pink silver gold teal navy beige")
MONTHS = words("January February March April May June July August September October November December")
WEEKDAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
ADJECTIVES = words("""quiet bright early modern simple hidden open northern local silent rapid gentle distant golden broken little
brave curious careful ancient digital frozen green hollow lucky narrow patient quick royal sharp stable tender""")
NOUNS = words("""river market garden bridge harbour village forest window letter engine mirror lantern signal orchard island
station morning winter compass ladder kitchen library museum teacher doctor farmer sailor painter machine network planet
school valley castle tunnel festival river meadow storm shadow feather anchor cloud copper marble paper silver velvet""")
TOPICS = phrases("""
solar panels, ocean currents, city transport, school lunches, remote work, bird migration, electric cars, bread making,
language learning, forest fires, water prices, night trains, public libraries, urban farming, old maps, rare books,
bike lanes, river cleaning, space travel, home insulation, coffee prices, bee colonies, digital privacy, coral reefs
""")

# Every lower-case word of the lists above, for phrases that no list holds.
COMMON = tuple(sorted({w for pool in (OCCUPATIONS, HOBBIES, SKILLS, PRODUCTS, INDUSTRIES, COLOURS, ADJECTIVES, NOUNS, TOPICS)
                       for item in pool for w in item.split() if w.isalpha() and w.islower() and len(w) > 2}))
